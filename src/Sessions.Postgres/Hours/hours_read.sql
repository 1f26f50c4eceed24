-- The kept hours of a range that nothing has changed in.
select h.sessions
from   tracking.session_hours h
where  h.project = $1 and h.hour >= tracking.hour_of($2) and h.hour < $3 and h.hour < $4 and h.hour <> all($5)
order  by h.hour
