-- The days of the journal's partitions, oldest first: also of one that was detached when its drop was broken off.
select to_date(right(relname, 8), 'YYYYMMDD') as day
from   pg_class
where  relnamespace = 'tracking'::regnamespace and relkind = 'r' and relname ~ '^journal_[0-9]{8}$'
order  by day
