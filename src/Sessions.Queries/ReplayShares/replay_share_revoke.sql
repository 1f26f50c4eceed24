-- Revokes a link. Returns its id; nothing when it did not work any more.
delete from tracking.replay_shares
where  id in (
           select id from tracking.open_replay_shares where id = @id and project = @project and session_id = @session_id)
returning id
