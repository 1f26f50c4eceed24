-- Removes webhook messages of the session that were not delivered yet: all of them when the session is deleted,
-- otherwise those that name the person.
delete from tracking.webhook_deliveries d
using  tracking.webhooks w
where  w.project = $1 and d.webhook_id = w.id and d.session_id = $2 and d.state in ('pending', 'dead')
  and  ($4 or (d.payload::jsonb #>> '{data,distinct_id}') = any($3::text[]))
