-- Sessions that were deleted as a whole. Read before the rows, so that a session that begins again in between is found
-- by its row.
select project, session_id, number
from   tracking.forgotten_sessions
where  (project, session_id) in (select * from unnest($1::text[], $2::uuid[]))
