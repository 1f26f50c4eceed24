-- Deletes some deliveries of a deleted webhook, also those of transactions that began before the webhook was deleted.
delete from tracking.webhook_deliveries d
using  (
    select webhook_id, id
    from   tracking.webhook_deliveries
    where  webhook_id = $1 and not exists (select from tracking.webhooks w where w.id = $1)
    limit  $2
    for update skip locked
) as left_behind
where  d.webhook_id = left_behind.webhook_id and d.id = left_behind.id
