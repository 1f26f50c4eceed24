-- The projects with entries of a day: from one project to the next by the key, however many entries each has. Of the day's
-- own partition, which may be detached.
with recursive found as (
    select min(project) as project from {journal}
    union all
    select (select min(project) from {journal} where project > found.project)
    from   found
    where  found.project is not null
)
select project from found where project is not null
