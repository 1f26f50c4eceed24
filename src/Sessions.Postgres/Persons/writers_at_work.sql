-- Whether any transaction of the journal is still on its way that began before a time. Others may take the name of a writer.
select exists (
    select
    from   pg_stat_activity
    where  datname = current_database() and usename = current_user and application_name like 'sessions-writer:%' and xact_start <= $1)
