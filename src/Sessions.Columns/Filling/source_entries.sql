-- The sessions with entries of transactions that an earlier snapshot did not see.
select session_id, max(number), count(*)
from   tracking.journal
where  project = $1 and tracking.xact_number(xact) >= $2 and not pg_visible_in_snapshot(xact, $3::pg_snapshot)
group  by session_id
