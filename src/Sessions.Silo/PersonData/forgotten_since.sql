-- The persons that were deleted after a generation. One row without a person when there are none.
select g.generation, k.key, f.project, f.mark, f.until
from   tracking.forgotten_generation g
cross  join tracking.person_key k
left   join tracking.forgotten_ids f on f.generation > $1
