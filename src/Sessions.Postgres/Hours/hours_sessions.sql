-- The ended sessions that began in these hours, hour by hour.
select {columns}, hour
from   unnest($2::timestamptz[]) hour
join   tracking.all_sessions s on s.start_timestamp >= hour and s.start_timestamp < hour + interval '1 hour'
where  s.project = $1 and s.status = 'ended'
order  by hour
