-- What was to be told of the session, to whom it has not been told yet: all of it when the session goes, and what names
-- the person when it goes on without them.
delete from tracking.webhook_deliveries d
using  tracking.webhooks w
where  w.project = $1 and d.webhook_id = w.id and d.session_id = $2 and d.state in ('pending', 'dead')
  and  ($4 or (d.payload::jsonb #>> '{data,distinct_id}') = any($3::text[]))
