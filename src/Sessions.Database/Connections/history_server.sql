-- For a server that does not tell its timeline. A standby gives null.
select 0::bigint, case when not pg_is_in_recovery() then 0::bigint end, pg_postmaster_start_time()
