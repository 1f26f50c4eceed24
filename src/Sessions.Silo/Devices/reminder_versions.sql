select r.grainid, r.version
from   unnest($2::text[]) as asked (grainid)
cross  join lateral (
    select grainid, version
    from   orleans.orleansreminderstable
    where  serviceid = $1 and grainid = asked.grainid and remindername = $3
    offset 0
) r
