-- Records when keys were last used. A key without an id is its project's configured one.
with used as (
    select project, id, at from unnest($1::text[], $2::uuid[], $3::timestamptz[]) as used (project, id, at)
), configured as (
    update tracking.projects p
    set    api_key_last_used_at = used.at
    from   used
    where  used.id is null and p.project = used.project and (p.api_key_last_used_at is null or p.api_key_last_used_at < used.at)
)
update tracking.api_keys k
set    last_used_at = used.at
from   used
where  k.project = used.project and k.id = used.id and (k.last_used_at is null or k.last_used_at < used.at)
