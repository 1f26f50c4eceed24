-- The number of live sessions, of those that had an event since a time, and those that began last. The small index over
-- live sessions is enough to find them. "source" is the sessions' table, or their view when there are filters.
with live as materialized (
    select s.session_id, s.start_timestamp, s.end_timestamp
    from   {source} s
    where  s.project = $1 and s.status = 'live' and {filters}
), latest as (
    select session_id
    from   live
    order by start_timestamp desc, session_id
    limit  $3
)
select {columns}, (select count(*) from live) as live_count,
       (select count(*) from live where end_timestamp >= $2) as active_count
from   tracking.all_sessions
join   latest using (session_id)
where  project = $1
order by start_timestamp desc, session_id
