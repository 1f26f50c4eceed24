-- Writes a checkpoint, and writes messages into the outbox for those sessions whose rows the checkpoint changed.
with applied as (
    {checkpoint}
    returning s.project, s.session_id, s.number
)
insert into tracking.webhook_deliveries (webhook_id, id, type, session_id, version, payload)
select w.id, message.id, message.type, message.session_id, message.version, message.payload
from   unnest({message1}::text[], {message2}::uuid[], {message3}::text[], {message4}::uuid[], {message5}::integer[], {message6}::text[])
       as message (project, id, type, session_id, version, payload)
join   applied on applied.project = message.project and applied.session_id = message.session_id and applied.number = message.version
join   tracking.webhooks w on w.project = message.project and w.active and message.type = any (w.events)
