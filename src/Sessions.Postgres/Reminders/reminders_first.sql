-- The reminders that are due first, of all grains.
select   grainid, remindername, starttime, period, version
from     orleans.orleansreminderstable
where    serviceid = $1
order by starttime
limit    $2
