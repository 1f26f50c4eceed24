-- The days of the journal's partitions, oldest first, with those that were detached but not dropped yet.
select to_date(right(relname, 8), 'YYYYMMDD') as day
from   pg_class
where  relnamespace = 'tracking'::regnamespace and relkind = 'r' and relname ~ '^journal_[0-9]{8}$'
order  by day
