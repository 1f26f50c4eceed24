-- Merges of ids that go with a day, which were refused because the id was somebody, must not come true once that is gone.
-- What is left of them is that the other id was identified.
update tracking.identities i
set    anonymous_id = i.distinct_id
where  i.project = $2 and i.born <> $1 and i.kind <> 2 and i.anonymous_id <> i.distinct_id
  and  i.anonymous_id in (
           select anonymous_id from tracking.identities where born = $1 and project = $2
           union
           select distinct_id from tracking.identities where born = $1 and project = $2)
  and  tracking.was_somebody(i.project, i.anonymous_id, i.arrived)
