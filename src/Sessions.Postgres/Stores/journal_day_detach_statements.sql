-- What detaches the day's partitions, of every table that is partitioned like the journal: names can't be parameters, and a
-- partition can't be detached without keeping writers waiting from within a function. One that a crash left half detached
-- is finished; one that is detached already needs nothing.
select array(
    select format('alter table %s detach partition %s %s', i.inhparent::regclass, part.oid::regclass,
                  case when i.inhdetachpending then 'finalize' else 'concurrently' end)
    from   pg_class part
    join   pg_inherits i on i.inhrelid = part.oid
    where  part.relnamespace = 'tracking'::regnamespace
    and    part.relkind = 'r'
    and    part.relname ~ ('^[a-z_]+_' || to_char($1::date, 'YYYYMMDD') || '$'))
