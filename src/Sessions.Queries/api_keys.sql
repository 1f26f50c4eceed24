-- A project's keys for the API and the pages, the configured one first. It has no id, because it can't be revoked.
select null::uuid as id, 'Configured when the server was set up' as name, 'admin' as role, null as ending, created_at,
       null::timestamptz as expires_at, api_key_last_used_at as last_used_at
from   tracking.projects
where  project = $1
union all
(select id, name, role, ending, created_at, expires_at, last_used_at
 from   tracking.api_keys
 where  project = $1
 order by created_at, id)
