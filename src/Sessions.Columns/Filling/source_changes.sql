-- The sessions that changed without an entry, in transactions that an earlier snapshot did not see.
select distinct session_id
from   tracking.changes
where  project = $1 and xact >= $2::text::xid8 and not pg_visible_in_snapshot(xact, $3::pg_snapshot)
