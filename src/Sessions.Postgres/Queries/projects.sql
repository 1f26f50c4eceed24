select project, token
from   tracking.projects
