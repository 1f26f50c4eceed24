-- For a server that does not tell who it is: its start stands for its timeline, so that a restart counts as a failover.
select 0::bigint, case when not pg_is_in_recovery() then (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint end
