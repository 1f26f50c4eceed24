-- A merge of two ids is refused when the second id already belongs to an identified person. Such a refused merge must
-- not take effect when that person is deleted. It is kept as a record that the first id was identified.
update tracking.identities i
set    anonymous_id = i.distinct_id
where  i.project = $1 and i.anonymous_id = any($2::text[]) and i.anonymous_id <> i.distinct_id
  and  (i.time <= $3 or (i.kind <> 2 and tracking.was_somebody(i.project, i.anonymous_id, i.arrived)))
