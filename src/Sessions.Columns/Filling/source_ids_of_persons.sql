-- All ids of the persons that these ids belong to.
select distinct p.distinct_id from unnest($2::text[]) as asked (id) cross join lateral tracking.ids_of_person($1, asked.id) p
