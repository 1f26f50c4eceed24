-- The people who signed in to the pages. A cookie names its row and is valid while the row is open, so that signing out
-- ends it at every gateway. Of the key only its mark is kept, as cookies have it.
create table tracking.sign_ins (
    id         uuid        primary key,
    project    text        not null references tracking.projects on delete cascade,
    key_mark   text        not null,
    begun_at   timestamptz not null default now(),
    expires_at timestamptz not null
);

create index sign_ins_by_key on tracking.sign_ins (project, key_mark);
create index sign_ins_by_end on tracking.sign_ins (expires_at);

-- Links that sign in once, with the project's configured key. Of a link's ticket only the hash is kept.
create table tracking.sign_in_tickets (
    sha256     bytea       primary key check (octet_length(sha256) = 32),
    project    text        not null references tracking.projects on delete cascade,
    expires_at timestamptz not null
);

-- A key without an end is valid until it is revoked. The last use is known to within a minute or so.
alter table tracking.api_keys add column expires_at timestamptz, add column last_used_at timestamptz;
alter table tracking.projects add column api_key_last_used_at timestamptz;
