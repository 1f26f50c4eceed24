-- Removes reminders, each only if it still has the known version: one that was written again in the meantime stays. The
-- statement forces a look-up by key, because the planner may have statistics of an empty table.
delete from orleans.orleansreminderstable r
using  (
    select *
    from   unnest($2::text[], $3::text[], $4::integer[]) as asked (grainid, remindername, version)
    order  by grainid, remindername
    offset 0
) asked
cross  join lateral (
    select ctid as place
    from   orleans.orleansreminderstable
    where  serviceid = $1 and grainid = asked.grainid and remindername = asked.remindername and version = asked.version
    offset 0
) found
where  r.ctid = found.place and r.version = asked.version
returning r.grainid, r.remindername
