-- The journal's partitions: one for each day on which sessions were born.
select c.oid::bigint, to_date(right(c.relname, 8), 'YYYYMMDD')
from   pg_inherits i
join   pg_class c on c.oid = i.inhrelid
where  i.inhparent = 'tracking.journal'::regclass and not i.inhdetachpending
