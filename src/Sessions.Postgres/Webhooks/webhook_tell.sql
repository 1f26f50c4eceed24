-- Puts what happened to sessions into the outbox, once for each webhook that wants to know.
insert into tracking.webhook_deliveries (webhook_id, id, type, session_id, version, payload)
select w.id, told.id, told.type, told.session_id, told.version, told.payload
from   unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::integer[], $6::text[])
       as told (project, id, type, session_id, version, payload)
join   tracking.webhooks w on w.project = told.project and w.active and told.type = any (w.events)
