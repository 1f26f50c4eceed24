-- All projects but those that are being deleted.
select project, token, archived_at is not null
from   tracking.projects
where  deleting_at is null
