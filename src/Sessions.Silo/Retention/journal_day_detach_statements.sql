-- Generates the statements that detach the day's partitions, of every table that is partitioned like the journal. They
-- must be separate statements, because names can't be parameters, and a function can't detach a partition without
-- blocking writers. A detach that a crash interrupted is finished; a partition that is already detached needs no
-- statement.
select array(
    select format('alter table %s detach partition %s %s', i.inhparent::regclass, part.oid::regclass,
                  case when i.inhdetachpending then 'finalize' else 'concurrently' end)
    from   pg_class part
    join   pg_inherits i on i.inhrelid = part.oid
    where  part.relnamespace = 'tracking'::regnamespace
    and    part.relkind = 'r'
    and    part.relname ~ ('^[a-z_]+_' || to_char($1::date, 'YYYYMMDD') || '$'))
