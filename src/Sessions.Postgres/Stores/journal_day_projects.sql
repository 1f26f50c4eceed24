-- The projects with entries of a day: from one project to the next by the key, however many entries each has.
with recursive found as (
    select min(project) as project from tracking.journal where born = $1
    union all
    select (select min(project) from tracking.journal where born = $1 and project > found.project)
    from   found
    where  found.project is not null
)
select project from found where project is not null
