-- The ids of live sessions. A session's start and end are written in their own transactions, so the list is never
-- outdated. The versions may be as old as the rows are behind their grains.
select session_id, number
from   tracking.sessions
where  project = $1 and status = 'live'
limit  $2
