-- What is due until some time, of the grains whose hash lies after $2 up to $3.
select grainid, remindername, starttime, period, version
from   orleans.orleansreminderstable
where  serviceid = $1 and grainhash > $2 and grainhash <= $3 and starttime < $4
