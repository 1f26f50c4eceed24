-- A page of one session's events in the order of time, ties by the sender's order and then by id. The day on which the
-- session was born decides the partition; without it Postgres searches all partitions. "found" counts the events that
-- the page could have had: the page ends early, after the event with which the properties exceed @max_characters.
with page as materialized (
    select event_id,
           timestamp,
           received_at,
           event,
           distinct_id,
           device_id,
           window_id,
           current_url,
           pathname,
           properties::text as properties,
           sender_order
    from   tracking.all_events
    where  project = @project
      and  session_id = @session_id
      and  (@born is null or born = @born)
      and  (@after_time is null or (timestamp, sender_order, event_id) > (@after_time, @after_order, @after_id))
    order by timestamp, sender_order, event_id
    limit  @limit
), measured as (
    select *,
           sum(length(properties)) over (
               order by timestamp, sender_order, event_id rows between unbounded preceding and 1 preceding) as characters_before
    from   page
)
select event_id,
       timestamp,
       received_at,
       event,
       distinct_id,
       device_id,
       window_id,
       current_url,
       pathname,
       properties,
       sender_order,
       (select count(*) from page) as found
from   measured
where  coalesce(characters_before, 0) <= @max_characters
order by timestamp, sender_order, event_id
