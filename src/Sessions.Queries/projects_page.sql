-- A page of all projects, in the order of their ids, with or without those that are being deleted.
select project, archived_at is not null, created_at, deleting_at is not null
from   tracking.projects
where  project > $1 and ($2::text is null or project = $2) and ($4 or deleting_at is null)
order by project
limit  $3
