-- The links to a session's recording that work, the latest first.
select id, project, session_id, created_by, created_at, expires_at
from   tracking.open_replay_shares
where  project = @project and session_id = @session_id
order  by created_at desc, id
