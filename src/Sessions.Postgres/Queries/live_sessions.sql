-- Who is on now: how many, and the latest to come. The small index over live sessions answers both.
with live as materialized (
    select session_id, start_timestamp
    from   tracking.sessions
    where  project = @project and status = 'live'
), latest as (
    select session_id
    from   live
    order by start_timestamp desc, session_id
    limit  @limit
)
select {columns}, (select count(*) from live) as live_count
from   tracking.all_sessions
join   latest using (session_id)
where  project = @project
order by start_timestamp desc, session_id
