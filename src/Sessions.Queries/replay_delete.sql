-- Deletes the blocks of a replay that a session has removed, and the links to it.
with shares as (
    delete from tracking.replay_shares l
    where  l.project = @project and l.session_id = @session_id
    and    not exists (select from tracking.open_replay_shares o where o.id = l.id)
)
delete from tracking.replay_blocks b
using  tracking.journal j
where  j.project = @project
  and  j.session_id = @session_id
  and  j.born = (select born from tracking.sessions where project = @project and session_id = @session_id)
  and  j.kind = 3
  and  j.number < (
           select max(number)
           from   tracking.journal
           where  project = @project and session_id = @session_id and kind = 4
           and    born = (select born from tracking.sessions where project = @project and session_id = @session_id))
  and  b.project = @project
  and  b.session_id = @session_id
  and  b.block_id = (j.properties ->> 'block')::uuid
  and  b.born = (j.properties ->> 'born')::date
