-- The reminders of all grains that will be due next.
select   grainid, remindername, starttime, period, version
from     orleans.orleansreminderstable
where    serviceid = $1
order by starttime
limit    $2
