-- Makes one or all dead deliveries of a webhook pending again, with all of their attempts.
update tracking.webhook_deliveries d
set    state = 'pending', attempts = 0, due_at = now(), settled_at = null, created_at = now()
from   tracking.webhooks w
where  w.project = $1 and w.id = $2
and    d.webhook_id = w.id and d.state = 'dead' and ($3::uuid is null or d.id = $3)
