-- Every key that is let in, and as what. The configured key of a project is an admin's.
select project, 'admin' as role, api_key_sha256 as sha256
from   tracking.projects
union all
select project, role, sha256
from   tracking.api_keys
