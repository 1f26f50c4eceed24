select token
from   tracking.projects
where  project = $1 and deleting_at is null
