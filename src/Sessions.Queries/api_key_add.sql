-- Adds a key unless the project already has the most keys that are allowed. The project's row is locked, so that
-- concurrent callers count one after the other.
with mine as materialized (
    select project
    from   tracking.projects
    where  project = $2
    for update
)
insert into tracking.api_keys (id, project, name, role, sha256, ending, expires_at)
select $1, project, $3, $4, $5, $6, $8
from   mine
where  (select count(*) from tracking.api_keys where project = $2) < $7
returning created_at
