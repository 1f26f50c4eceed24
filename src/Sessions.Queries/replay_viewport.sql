-- The size of a session's window: from the first event with a size in the requested window, else in any window.
select properties ->> '$viewport_width', properties ->> '$viewport_height'
from   tracking.journal
where  project = @project
  and  session_id = @session_id
  and  born = (select born from tracking.sessions where project = @project and session_id = @session_id)
  and  kind in (0, 1)
  and  jsonb_typeof(properties -> '$viewport_width') = 'number'
  and  jsonb_typeof(properties -> '$viewport_height') = 'number'
  and  (properties -> '$viewport_width') > '0' and (properties -> '$viewport_height') > '0'
order  by window_id is not distinct from @window_id desc, time, event_id
limit  1
