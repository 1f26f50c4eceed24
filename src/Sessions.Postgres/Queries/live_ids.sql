-- The ids of who is on now. A session enters and leaves this with its own transaction, so it is never behind.
select session_id
from   tracking.sessions
where  project = $1 and status = 'live'
limit  $2
