select distinct_id, person, md5(distinct_id)::uuid as id_hash, md5(person)::uuid as person_hash from tracking.persons_among($1, $2)
