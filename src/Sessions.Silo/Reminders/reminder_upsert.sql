-- Ordered by key, so that two silos that write the same reminders can't deadlock.
insert into orleans.orleansreminderstable as known
       (serviceid, grainid, remindername, starttime, period, grainhash, version)
select $1, asked.grainid, asked.remindername, asked.starttime, asked.period, asked.grainhash, 0
from   unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::integer[])
       as asked (grainid, remindername, starttime, period, grainhash)
order  by asked.grainid, asked.remindername
on conflict (serviceid, grainid, remindername) do update
set    starttime = excluded.starttime, period = excluded.period, grainhash = excluded.grainhash, version = known.version + 1
returning grainid, remindername, version
