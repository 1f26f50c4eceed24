-- Gives up a webhook's oldest pending deliveries, as many as exceed the limit.
update tracking.webhook_deliveries d
set    state = 'dead', settled_at = now(), error = coalesce(d.error || '; ', '') || 'too many waited'
from   (
    select webhook_id, id
    from   tracking.webhook_deliveries
    where  webhook_id = $1 and state = 'pending'
    order  by created_at
    limit  $2
    for update skip locked
) as old
where  d.webhook_id = old.webhook_id and d.id = old.id
