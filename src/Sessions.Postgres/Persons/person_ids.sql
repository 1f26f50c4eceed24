-- All ids of the person that has an id: of both when it has two forms.
select distinct p.distinct_id
from   unnest($2::text[]) as asked (id)
cross  join lateral tracking.ids_of_person($1, asked.id) p
limit  $3
