-- All valid keys with their roles. A project's configured key has the role admin; the operator's key belongs to no project.
select project, 'admin' as role, api_key_sha256 as sha256, null::uuid as id, null as name, null as ending
from   tracking.projects
union all
select project, role, sha256, id, name, ending
from   tracking.api_keys
where  expires_at is null or expires_at > now()
union all
select null, 'operator', sha256, null, null, null
from   tracking.operator
