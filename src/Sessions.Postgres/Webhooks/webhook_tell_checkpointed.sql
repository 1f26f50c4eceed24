-- Writes a checkpoint, and puts those of its sessions into the outbox whose rows it really changed.
with applied as (
    {checkpoint}
    returning s.project, s.session_id, s.number
)
insert into tracking.webhook_deliveries (webhook_id, id, type, session_id, version, payload)
select w.id, told.id, told.type, told.session_id, told.version, told.payload
from   unnest($58::text[], $59::uuid[], $60::text[], $61::uuid[], $62::integer[], $63::text[])
       as told (project, id, type, session_id, version, payload)
join   applied on applied.project = told.project and applied.session_id = told.session_id and applied.number = told.version
join   tracking.webhooks w on w.project = told.project and w.active and told.type = any (w.events)
