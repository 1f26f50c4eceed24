select distinct_id, person from tracking.persons_among($1, $2)
