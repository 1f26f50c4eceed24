-- The ids of who is on now. A session enters and leaves this with its own transaction, so that is never behind; its
-- version may be, by as much as rows are behind their grains.
select session_id, number
from   tracking.sessions
where  project = $1 and status = 'live'
limit  $2
