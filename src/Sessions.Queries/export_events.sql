-- All events of a range of time. "session" and "filters" consist only of known names and parameters.
select e.event_id,
       e.timestamp,
       e.received_at,
       e.event,
       e.distinct_id,
       e.device_id,
       e.window_id,
       e.current_url,
       e.pathname,
       e.properties::text,
       e.sender_order,
       e.session_id
from   tracking.all_events e {session}
where  e.project = @project
  and  e.timestamp >= coalesce(@date_from, '-infinity')
  and  e.timestamp <  coalesce(@date_to, 'infinity')
  and  {filters}
