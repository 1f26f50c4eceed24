-- All distinct ids of the persons who have one of these ids.
select distinct p.distinct_id
from   unnest($2::text[]) as asked (id)
cross  join lateral tracking.ids_of_person($1, asked.id) p
