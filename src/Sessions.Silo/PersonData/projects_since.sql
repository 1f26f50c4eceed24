-- The projects that are being deleted, and those that were made since a generation of forgotten persons.
select project, deleting_at is not null, generation
from   tracking.projects
where  deleting_at is not null or generation >= $1
