-- The same of a range that goes over the end of the circle of hashes and on at its beginning.
select grainid, remindername, starttime, period, version
from   orleans.orleansreminderstable
where  serviceid = $1 and (grainhash > $2 or grainhash <= $3) and starttime < $4
