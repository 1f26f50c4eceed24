-- Whether a process is connected whose version is older than this step of the schema. The names of connections say which step
-- is a process' newest; the first versions' names don't.
select exists (
    select
    from   pg_stat_activity a
    cross join lateral regexp_match(a.application_name, '^sessions-(?:gateway|silo):(\d{1,5})(?:/|$)') known (step)
    where  a.datname = current_database()
    and    (a.application_name = 'sessions-gateway' or a.application_name like 'sessions-gateway:%' or a.application_name like 'sessions-silo:%')
    and    coalesce(known.step[1]::integer, 0) < $1)
