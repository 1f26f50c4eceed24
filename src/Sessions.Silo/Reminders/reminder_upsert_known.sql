-- Like reminder_upsert.sql, but leaves out devices without a row.
insert into orleans.orleansreminderstable as known
       (serviceid, grainid, remindername, starttime, period, grainhash, version)
select $1, asked.grainid, asked.remindername, asked.starttime, asked.period, asked.grainhash, 0
from   unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::integer[], $7::text[], $8::text[])
       as asked (grainid, remindername, starttime, period, grainhash, project, device_key)
cross  join lateral (
    select from tracking.devices d where d.project = asked.project and d.device_key = asked.device_key offset 0
) there
order  by asked.grainid, asked.remindername
on conflict (serviceid, grainid, remindername) do update
set    starttime = excluded.starttime, period = excluded.period, grainhash = excluded.grainhash, version = known.version + 1
returning grainid, remindername, version
