-- One random salt a day, from which cookieless visitors get their ids; shared by all gateways. With a day's salt gone,
-- nobody can tell any more whose ids they were. So a deleted row is vacuumed soon, and doesn't wait for 50 others.
create table tracking.cookieless_salts (
    day  date  primary key,
    salt bytea not null check (octet_length(salt) >= 16)
) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
