-- The webhooks with deliveries of sessions that are due, and the number of successive rounds in which every delivery failed.
select w.id, w.failures
from   tracking.webhooks w
where  w.active and w.rest_until <= now()
and    exists (
    select from tracking.webhook_deliveries d
    where  d.webhook_id = w.id and d.session_id is not null and d.state = 'pending' and d.due_at <= now()
)
