-- The events of transactions that an earlier snapshot did not see, of these days. Postgres leaves out other partitions because of
-- the range, even when it has planned the statement for all values.
select {columns}
from   tracking.all_events
where  project = $1 and tracking.xact_number(xact) >= $2 and not pg_visible_in_snapshot(xact, $3::pg_snapshot)
and    born between $4 and $5 and born = any ($6)
