-- A project's webhooks, or one of them. Counts of deliveries stop at ten thousand.
select w.id, w.url, w.events, w.active, w.created_at, w.failures, w.gone_at,
       case when w.former_until > now() then w.former_until end as former_until,
       case when w.active and w.failures > 0 and w.rest_until > now() then w.rest_until end as rest_until,
       (select count(*) from (
            select from tracking.webhook_deliveries d where d.webhook_id = w.id and d.state = 'pending' limit 10000
        ) as these) as waiting,
       (select count(*) from (
            select from tracking.webhook_deliveries d where d.webhook_id = w.id and d.state = 'dead' limit 10000
        ) as these) as dead
from   tracking.webhooks w
where  w.project = $1 and ($2::uuid is null or w.id = $2)
order  by w.created_at, w.id
