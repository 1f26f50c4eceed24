select project, token, archived_at is not null
from   tracking.projects
