select grainid, remindername, starttime, period, version
from   orleans.orleansreminderstable
where  serviceid = $1 and grainid = $2
