-- The number of live sessions, of those that had an event since a time, and those that began last. The small index over
-- live sessions is enough to find them.
with live as materialized (
    select session_id, start_timestamp, end_timestamp
    from   tracking.sessions
    where  project = @project and status = 'live'
), latest as (
    select session_id
    from   live
    order by start_timestamp desc, session_id
    limit  @limit
)
select {columns}, (select count(*) from live) as live_count,
       (select count(*) from live where end_timestamp >= @active_since) as active_count
from   tracking.all_sessions
join   latest using (session_id)
where  project = @project
order by start_timestamp desc, session_id
