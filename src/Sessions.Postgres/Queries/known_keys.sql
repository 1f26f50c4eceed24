-- Every key that is let in, and as what. The configured key of a project is an admin's.
select project, 'admin' as role, api_key_sha256 as sha256, null::uuid as id, null as name, null as ending
from   tracking.projects
union all
select project, role, sha256, id, name, ending
from   tracking.api_keys
