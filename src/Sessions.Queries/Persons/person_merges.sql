-- The merges of a person's ids, in the order in which they arrived; only the first merge of each two ids.
select i.anonymous_id, i.distinct_id, (array_agg(i.kind order by i.arrived))[1], min(i.received_at)
from   tracking.identities i
where  i.project = $1 and i.anonymous_id = any($2::text[]) and i.anonymous_id <> i.distinct_id
  and  (i.kind = 2 or not tracking.was_somebody(i.project, i.anonymous_id, i.arrived))
group  by i.anonymous_id, i.distinct_id
order  by min(i.arrived)
limit  $3
