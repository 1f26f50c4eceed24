-- A silo that was frozen in the middle of a transaction keeps its locks on the journal, devices and sessions, and its
-- own timeouts do not fire. This statement ends such connections; Postgres rolls back what they had not committed. A
-- connection counts as stuck only while Postgres waits for its client to send or receive. Connections that run a
-- statement are left alone.
select count(pg_terminate_backend(pid))
from   pg_stat_activity
where  (application_name like 'sessions-writer:%' or application_name like 'sessions-silo:%')
and    pid <> pg_backend_pid()
and    usename = current_user
and    xact_start is not null
and    wait_event in ('ClientRead', 'ClientWrite')
and    state_change < now() - make_interval(secs => $1)
