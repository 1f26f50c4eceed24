-- All ids of the person who has an id; of both persons when the id has two forms.
select distinct p.distinct_id
from   unnest($2::text[]) as asked (id)
cross  join lateral tracking.ids_of_person($1, asked.id) p
limit  $3
