select distinct_id from tracking.ids_of_person($1, $2) limit $3
