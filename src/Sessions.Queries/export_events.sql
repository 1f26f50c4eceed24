-- All events of a range of time. "session", "range" and "filters" consist only of known names and parameters.
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
from   {events} e {session}
where  {range}
  and  {filters}
