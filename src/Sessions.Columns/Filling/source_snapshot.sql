-- What a state is known by. No project: it is being deleted, or there is none. No holder: it was away for so long that
-- deletions no longer wait for its files.
select pg_current_snapshot()::text,
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       (select oid::bigint from pg_database where datname = current_database()),
       pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
       (select created_at from tracking.projects where project = $1 and deleting_at is null),
       coalesce((select version from tracking.taken_identities where project = $1), '00000000-0000-0000-0000-000000000000'),
       (select xact::text::bigint from tracking.changes_removed),
       exists (select from tracking.copies where project = $1 and holder = $2)
