-- A silo that was frozen in the middle of a transaction keeps its locks, on journals, devices and sessions, and no
-- time-out of its own fires. Once somebody has waited for it in vain, its connection is cut; what it had not committed
-- is rolled back. Only waiting for a client that says nothing, or takes nothing, counts as stuck: a connection at work
-- is left alone.
select count(pg_terminate_backend(pid))
from   pg_stat_activity
where  (application_name like 'sessions-writer:%' or application_name like 'sessions-silo:%')
and    pid <> pg_backend_pid()
and    usename = current_user
and    xact_start is not null
and    wait_event in ('ClientRead', 'ClientWrite')
and    state_change < now() - make_interval(secs => $1)
