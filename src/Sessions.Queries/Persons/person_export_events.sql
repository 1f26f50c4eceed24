-- All events of a person in order, also in other persons' sessions; and events with generic ids in sessions without
-- another person. It reads the journal, because there is no index from persons to entries.
with own as materialized (
    select its.session_id
    from   (
               select distinct session_id
               from   tracking.journal
               where  project = @project and distinct_id = any(@ids) and kind in (0, 1, 3)
                 and  not tracking.names_nobody((@ids)[1])
           ) its
    where  not exists (
               select
               from   tracking.journal other
               where  other.project = @project and other.session_id = its.session_id and other.kind in (0, 1, 3)
                 and  other.distinct_id <> all (@ids) and not tracking.names_nobody(other.distinct_id))
)
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
where  e.project = @project
  and  (e.distinct_id = any(@ids) or (e.session_id in (select session_id from own) and tracking.names_nobody(e.distinct_id)))
order  by e.timestamp, e.sender_order, e.event_id
