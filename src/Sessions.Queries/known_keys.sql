-- All valid keys with their roles. A project's configured key has the role admin; the operator's key belongs to no project.
-- A project that is being deleted has no keys.
select project, 'admin' as role, api_key_sha256 as sha256, null::uuid as id, null as name, null as ending
from   tracking.projects
where  deleting_at is null
union all
select k.project, k.role, k.sha256, k.id, k.name, k.ending
from   tracking.api_keys k
join   tracking.projects p using (project)
where  p.deleting_at is null and (k.expires_at is null or k.expires_at > now())
union all
select null, 'operator', sha256, null, null, null
from   tracking.operator
