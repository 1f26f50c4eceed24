-- A session's replay blocks, in the order of their first events; ties go by the sender's order and then by id. They are
-- the blocks whose summaries the journal has after the last removal of the replay.
select number,
       (properties ->> 'block')::uuid,
       (properties ->> 'born')::date,
       (properties ->> 'start_ms')::bigint as start_ms,
       (properties ->> 'end_ms')::bigint,
       coalesce((properties ->> 'skew_ms')::bigint, 0),
       coalesce((properties ->> 'bytes')::bigint, 0),
       coalesce(window_id, session_id::text),
       (properties ->> 'full_snapshots')::bigint,
       coalesce((properties ->> 'mobile_snapshots')::bigint, 0),
       coalesce((properties ->> 'unknown_format')::boolean, false),
       coalesce(properties ->> 'source' = 'mobile', false)
from   tracking.journal
where  project = @project
  and  session_id = @session_id
  and  born = (select born from tracking.sessions where project = @project and session_id = @session_id)
  and  kind = 3
  and  number > greatest(@after, (
           select max(number)
           from   tracking.journal
           where  project = @project and session_id = @session_id and kind = 4
           and    born = (select born from tracking.sessions where project = @project and session_id = @session_id)))
order by start_ms, coalesce(sender_order, 0), event_id
