-- Generates the statements that restore a day's partitions: they finish an interrupted detach, and attach detached
-- partitions.
select array(
    select case when i.inhdetachpending
                then format('alter table %s detach partition %s finalize; ', i.inhparent::regclass, part.oid::regclass)
                else '' end
           || format('alter table %s attach partition %s for values from (%L) to (%L)', parent.oid::regclass, part.oid::regclass,
                     $1::date, $1::date + 1)
    from   pg_class part
    join   pg_class parent on parent.relnamespace = part.relnamespace and parent.relkind = 'p'
                          and part.relname = parent.relname || '_' || to_char($1::date, 'YYYYMMDD')
    left   join pg_inherits i on i.inhrelid = part.oid
    where  part.relnamespace = 'tracking'::regnamespace
    and    part.relkind = 'r'
    and    (i.inhrelid is null or i.inhdetachpending))
