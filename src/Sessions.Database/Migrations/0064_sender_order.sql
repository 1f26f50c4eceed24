-- The sender's order of events of one time: the event's place in the request, list or file it came in. Null is 0, as of
-- all events from before this.
alter table tracking.journal add column sender_order bigint;

create or replace view tracking.all_events as
select project,
       session_id,
       event_id,
       time as timestamp,
       received_at,
       event,
       distinct_id,
       device_id,
       window_id,
       properties ->> '$current_url' as current_url,
       coalesce(nullif(properties ->> '$pathname', ''), tracking.url_path(properties ->> '$current_url')) as pathname,
       -- The journal keeps nothing for an empty object.
       coalesce(properties, '{}') as properties,
       born,
       coalesce(sender_order, 0) as sender_order
from   tracking.journal
where  kind in (0, 1);

create or replace view analytics.events with (security_barrier) as
select session_id,
       event_id,
       timestamp,
       received_at,
       event,
       distinct_id,
       device_id,
       window_id,
       current_url,
       pathname,
       properties,
       sender_order
from   tracking.all_events
where  project = (select project from tracking.readers where role_name = session_user);
