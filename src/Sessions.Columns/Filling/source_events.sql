-- The events of transactions that an earlier snapshot did not see.
select {columns}
from   tracking.all_events
where  project = $1 and tracking.xact_number(xact) >= $2 and not pg_visible_in_snapshot(xact, $3::pg_snapshot)
and    born <> all ($4)
