-- Leases due tests of all active webhooks, whatever else their endpoints are to receive and whether they rest. A test
-- has no session.
with tests as (
    select d.webhook_id, d.id
    from   tracking.webhooks w
    cross  join lateral (
        select d.webhook_id, d.id
        from   tracking.webhook_deliveries d
        where  d.webhook_id = w.id and d.session_id is null and d.state = 'pending' and d.due_at <= now()
        limit  $1
        for update of d skip locked
    ) as d
    where  w.active
    limit  $1
)
update tracking.webhook_deliveries d
set    due_at = now() + $2, attempts = d.attempts + 1
from   tests, tracking.webhooks w
where  d.webhook_id = tests.webhook_id and d.id = tests.id and w.id = d.webhook_id and w.active
returning d.id, d.attempts, d.payload, w.url, w.secret, case when w.former_until > now() then w.former_secret end, d.webhook_id
