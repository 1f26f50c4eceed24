insert into tracking.webhook_deliveries (webhook_id, id, type, version, payload)
select id, $3, $4, 0, $5
from   tracking.webhooks
where  project = $1 and id = $2 and active
returning created_at
