-- Whether a journal transaction that began before a time is still running. Connections are recognised by their
-- application name, which other connections may use too.
select exists (
    select
    from   pg_stat_activity
    where  datname = current_database() and usename = current_user and application_name like 'sessions-writer:%' and xact_start <= $1)
