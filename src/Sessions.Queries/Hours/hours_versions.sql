-- The aggregated hours that begin in a range.
select h.hour, h.version, h.count
from   tracking.session_hours h
where  h.project = $1 and h.hour >= tracking.hour_of($2) and h.hour < $3
order  by h.hour
