-- Merges of a person's ids that were refused, because the id was somebody, must not come true once that somebody is gone.
-- What is left of them is that the other id was identified.
update tracking.identities i
set    anonymous_id = i.distinct_id
where  i.project = $1 and i.anonymous_id = any($2::text[]) and i.anonymous_id <> i.distinct_id
  and  (i.time <= $3 or (i.kind <> 2 and tracking.was_somebody(i.project, i.anonymous_id, i.arrived)))
