delete from tracking.webhook_deliveries d
using  (
    select webhook_id, id
    from   tracking.webhook_deliveries
    where  state <> 'pending' and settled_at < now() - case state when 'delivered' then $1 else $2 end
    order  by settled_at
    limit  $3
    for update skip locked
) as old
where  d.webhook_id = old.webhook_id and d.id = old.id
