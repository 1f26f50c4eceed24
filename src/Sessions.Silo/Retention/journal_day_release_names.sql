-- A merge of two ids is refused when the second id already belongs to an identified person. Such a refused merge must
-- not take effect when that person's data is deleted with the day. It is kept as a record that the first id was
-- identified.
update tracking.identities i
set    anonymous_id = i.distinct_id
where  i.project = $2 and i.born <> $1 and i.kind <> 2 and i.anonymous_id <> i.distinct_id
  and  i.anonymous_id in (
           select anonymous_id from tracking.identities where born = $1 and project = $2
           union
           select distinct_id from tracking.identities where born = $1 and project = $2)
  and  tracking.was_somebody(i.project, i.anonymous_id, i.arrived)
