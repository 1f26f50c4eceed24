select token
from   tracking.projects
where  project = $1
