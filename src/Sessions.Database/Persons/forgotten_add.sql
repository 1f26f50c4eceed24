-- Adds ids whose events up to a time are refused from now on. The row of the generation is locked until the end of the
-- transaction.
with next as (
    update tracking.forgotten_generation set generation = generation + 1 returning generation
)
insert into tracking.forgotten_ids as known (project, mark, until, generation)
select $1, asked.mark, $3, next.generation
from   unnest($2::bytea[]) as asked (mark)
cross  join next
on conflict (project, mark) do update
set    until = greatest(known.until, excluded.until), generation = excluded.generation
