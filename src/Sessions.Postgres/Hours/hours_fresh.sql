-- The sessions of a range that are in no kept hour: those that began later, those in hours that something has changed in,
-- and the live ones.
select {columns}
from   tracking.all_sessions s
where  s.project = $1 and s.start_timestamp >= greatest($2, $4) and s.start_timestamp < $3
union all
select {columns}
from   unnest($5::timestamptz[]) hour
join   tracking.all_sessions s on s.start_timestamp >= hour and s.start_timestamp < hour + interval '1 hour'
where  s.project = $1 and s.start_timestamp >= $2 and s.start_timestamp < $3 and s.start_timestamp < $4
union all
select {columns}
from   tracking.all_sessions s
where  s.project = $1 and s.status = 'live' and s.start_timestamp >= $2 and s.start_timestamp < least($3, $4)
  and  tracking.hour_of(s.start_timestamp) <> all($5)
