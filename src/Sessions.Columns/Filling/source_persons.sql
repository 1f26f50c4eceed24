select distinct_id, person from tracking.persons_of($1)
