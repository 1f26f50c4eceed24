-- The sessions with entries of transactions that an earlier snapshot did not see, whether there is more than a fence, and their
-- distinct ids.
select session_id, born, min(number), max(number), count(*), bool_or(kind <> 5),
       coalesce(array_agg(distinct distinct_id) filter (where distinct_id is not null), '{}')
from   tracking.journal
where  project = $1 and tracking.xact_number(xact) >= $2 and not pg_visible_in_snapshot(xact, $3::pg_snapshot)
group  by session_id, born
