-- The sessions of a range that no hourly aggregate has: those that began after the aggregated hours, those in changed
-- hours, and the live ones.
select {columns}
from   tracking.all_sessions s
where  s.project = $1 and s.start_timestamp >= greatest($2, $4) and s.start_timestamp < $3
union all
select its.*
from   unnest($5::timestamptz[]) hour
cross join lateral (
    select {columns}
    from   tracking.all_sessions s
    where  s.project = $1 and s.start_timestamp >= greatest(hour, $2)
      and  s.start_timestamp < least(hour + interval '1 hour', $3, $4)
    offset 0) its
union all
select {columns}
from   tracking.all_sessions s
where  s.project = $1 and s.status = 'live' and s.start_timestamp >= $2 and s.start_timestamp < least($3, $4)
  and  tracking.hour_of(s.start_timestamp) <> all($5)
