update tracking.webhook_deliveries d
set    state = 'dead', settled_at = now(), error = coalesce(d.error || '; ', '') || 'it has waited for too long'
from   (
    select webhook_id, id
    from   tracking.webhook_deliveries
    where  state = 'pending' and created_at < now() - $1
    order  by created_at
    limit  $2
    for update skip locked
) as old
where  d.webhook_id = old.webhook_id and d.id = old.id
