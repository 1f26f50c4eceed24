select project, token, api_key_sha256
from   tracking.projects
