-- Each webhook's pending deliveries, the age of the oldest one in seconds, and whether the webhook still exists.
select d.webhook_id, count(*), extract(epoch from now() - min(d.created_at))::double precision,
       exists (select from tracking.webhooks w where w.id = d.webhook_id)
from   tracking.webhook_deliveries d
where  d.state = 'pending'
group  by d.webhook_id
