-- Adds a webhook unless the project has its fill. The project's row is locked, so that two callers count one after another.
with mine as materialized (
    select project
    from   tracking.projects
    where  project = $2
    for no key update
)
insert into tracking.webhooks (id, project, url, events, active, secret)
select $1, project, $3, $4, $5, $6
from   mine
where  (select count(*) from tracking.webhooks where project = $2) < $7
