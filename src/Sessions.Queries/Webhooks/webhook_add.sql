-- Adds a webhook unless the project already has the most webhooks that are allowed. The project's row is locked, so
-- that concurrent callers count one after the other.
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
