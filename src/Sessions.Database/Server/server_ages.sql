-- What grows until Postgres stops: the age of the oldest transaction id that a database still has, and for how long the oldest
-- transaction of a client has been open. Vacuum can't remove what an open transaction may still see.
select (select max(age(datfrozenxid)) from pg_database)::bigint,
       coalesce(
           extract(epoch from clock_timestamp() - least(
               (select min(xact_start) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()),
               (select min(prepared) from pg_prepared_xacts))),
           0)::double precision
