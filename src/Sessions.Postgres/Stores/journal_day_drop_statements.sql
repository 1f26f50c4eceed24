-- What takes the day's partitions away, of every table that is partitioned like the journal: names can't be
-- parameters, and a partition can't be detached without keeping writers waiting from within a function. One that a
-- crash left half detached is finished; one that is detached already is only dropped.
select array_remove(array[
           case when i.inhrelid is not null
                then format('alter table %s detach partition %s %s', i.inhparent::regclass, part.oid::regclass,
                            case when i.inhdetachpending then 'finalize' else 'concurrently' end)
           end,
           format('drop table %s', part.oid::regclass)], null)
from   pg_class part
left   join pg_inherits i on i.inhrelid = part.oid
where  part.relnamespace = 'tracking'::regnamespace
and    part.relkind = 'r'
and    part.relname ~ ('^[a-z_]+_' || to_char($1::date, 'YYYYMMDD') || '$')
