-- The ended sessions that began in these hours, hour by hour. Each hour is looked up separately ("offset 0"): in a
-- join, a planner without statistics would scan all sessions for each hour.
select its.*, hour
from   unnest($2::timestamptz[]) hour
cross join lateral (
    select {columns}
    from   tracking.all_sessions s
    where  s.project = $1 and s.start_timestamp >= hour and s.start_timestamp < hour + interval '1 hour' and s.status = 'ended'
    offset 0) its
order  by hour
