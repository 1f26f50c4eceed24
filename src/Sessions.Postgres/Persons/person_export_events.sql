-- All events of a person in their order, in whosever session they are. It reads the journal: no index leads from persons
-- to entries.
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
from   tracking.all_events e
where  e.project = @project and e.distinct_id = any(@ids)
order  by e.timestamp, e.sender_order, e.event_id
