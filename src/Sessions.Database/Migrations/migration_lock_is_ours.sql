-- Whether a session of this program's own role holds an advisory lock.
select exists (
    select
    from   pg_locks l
    join   pg_stat_activity a using (pid)
    where  l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and    l.database = (select oid from pg_database where datname = current_database())
    and    (l.classid::bigint << 32) | l.objid::bigint = $1
    and    a.usename = current_user)
