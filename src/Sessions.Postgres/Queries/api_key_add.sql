-- Adds a key unless the project has its fill. The project's row is locked, so that two callers count one after another.
with mine as materialized (
    select project
    from   tracking.projects
    where  project = $2
    for update
)
insert into tracking.api_keys (id, project, name, role, sha256, ending)
select $1, project, $3, $4, $5, $6
from   mine
where  (select count(*) from tracking.api_keys where project = $2) < $7
returning created_at
