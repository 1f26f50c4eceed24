-- The link with a secret; nothing when it does not work (any more).
select id, project, session_id, created_by, created_at, expires_at
from   tracking.open_replay_shares
where  sha256 = @sha256
