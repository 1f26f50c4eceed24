-- The projects that are being deleted or are archived, and those that were made since a generation of forgotten persons.
select project, deleting_at is not null, generation, archived_at is not null
from   tracking.projects
where  deleting_at is not null or archived_at is not null or generation >= $1
