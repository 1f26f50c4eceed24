-- A page of one session's events in time order. The day on which the session was born names the one partition; without
-- it all are looked at.
select event_id,
       timestamp,
       received_at,
       event,
       distinct_id,
       device_id,
       window_id,
       current_url,
       pathname,
       properties::text
from   tracking.all_events
where  project = @project
  and  session_id = @session_id
  and  (@born is null or born = @born)
  and  (@after_time is null or (timestamp, event_id) > (@after_time, @after_id))
order by timestamp, event_id
limit  @limit
