-- Writes messages about sessions into the outbox, one for each webhook that subscribes to the event.
insert into tracking.webhook_deliveries (webhook_id, id, type, session_id, version, payload)
select w.id, message.id, message.type, message.session_id, message.version, message.payload
from   unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::integer[], $6::text[])
       as message (project, id, type, session_id, version, payload)
join   tracking.webhooks w on w.project = message.project and w.active and message.type = any (w.events)
