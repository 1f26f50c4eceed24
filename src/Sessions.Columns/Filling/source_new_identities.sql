-- The ids of which transactions that an earlier snapshot did not see say who they are.
select distinct id
from   (
           select anonymous_id, distinct_id
           from   tracking.identities
           where  project = $1 and written_in >= $2::text::xid8 and not pg_visible_in_snapshot(written_in, $3::pg_snapshot)
       ) new
cross  join lateral (values (anonymous_id), (distinct_id)) as ids (id)
