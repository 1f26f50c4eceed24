-- A page of all projects, in the order of their ids.
select project, archived_at is not null, created_at
from   tracking.projects
where  project > $1 and ($2::text is null or project = $2)
order by project
limit  $3
