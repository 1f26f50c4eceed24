-- The ended sessions that began in these hours, hour by hour. Each hour is looked up by itself ("offset 0"): joined, a
-- planner without statistics goes over all sessions for each.
select its.*, hour
from   unnest($2::timestamptz[]) hour
cross join lateral (
    select {columns}
    from   tracking.all_sessions s
    where  s.project = $1 and s.start_timestamp >= hour and s.start_timestamp < hour + interval '1 hour' and s.status = 'ended'
    offset 0) its
order  by hour
