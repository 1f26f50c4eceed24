-- Makes a link to a recording, and removes the expired ones. Makes none when the session has the most links already.
with expired as (
    delete from tracking.replay_shares where expires_at < now()
), open as (
    select count(*) as links from tracking.open_replay_shares where project = @project and session_id = @session_id
)
insert into tracking.replay_shares (id, sha256, project, session_id, born, up_to, created_by, expires_at)
select @id, @sha256, s.project, s.session_id, s.born, @up_to, @created_by, now() + @lifetime
from   tracking.sessions s, open
where  s.project = @project and s.session_id = @session_id and open.links < @most
returning id, project, session_id, created_by, created_at, expires_at
