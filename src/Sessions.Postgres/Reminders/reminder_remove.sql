-- Only as its remover knows it: one that was written anew in the meantime stays.
delete from orleans.orleansreminderstable r
using  unnest($2::text[], $3::text[], $4::integer[]) as asked (grainid, remindername, version)
where  r.serviceid = $1 and r.grainid = asked.grainid and r.remindername = asked.remindername and r.version = asked.version
returning r.grainid, r.remindername
