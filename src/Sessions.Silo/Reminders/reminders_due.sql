-- The reminders of all grains that are due by now, the oldest first.
select   grainid, remindername, starttime, period, version
from     orleans.orleansreminderstable
where    serviceid = $1 and starttime <= $2
order by starttime
limit    $3
