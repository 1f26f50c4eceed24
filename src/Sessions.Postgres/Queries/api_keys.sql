-- A project's keys for people to look at, the configured one first: it has no id, since it can't be revoked.
select null::uuid as id, 'Configured when the server was set up' as name, 'admin' as role, null as ending, created_at
from   tracking.projects
where  project = $1
union all
(select id, name, role, ending, created_at
 from   tracking.api_keys
 where  project = $1
 order by created_at, id)
