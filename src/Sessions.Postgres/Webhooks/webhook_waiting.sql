-- What waits for each webhook, since how many seconds the oldest does, and whether the webhook is still there.
select d.webhook_id, count(*), extract(epoch from now() - min(d.created_at))::double precision,
       exists (select from tracking.webhooks w where w.id = d.webhook_id)
from   tracking.webhook_deliveries d
where  d.state = 'pending'
group  by d.webhook_id
