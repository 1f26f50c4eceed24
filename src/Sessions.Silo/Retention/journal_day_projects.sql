-- The projects with entries of a day. It jumps from one project to the next in the index, however many entries each
-- has. It reads the day's own partition, which may be detached.
with recursive found as (
    select min(project) as project from {journal}
    union all
    select (select min(project) from {journal} where project > found.project)
    from   found
    where  found.project is not null
)
select project from found where project is not null
