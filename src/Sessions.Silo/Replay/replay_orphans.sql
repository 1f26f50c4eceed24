-- Removes orphaned blocks of a certain age. A block that is sent again becomes young and stays, so the age is checked
-- again after its row is locked.
with old as materialized (
    select project, session_id, block_id, born
    from   tracking.replay_blocks
    where  born >= (now() - $2)::date - 1
      and  stored_at <= now() - $1
      and  stored_at >  now() - $2
), counted as materialized (
    select j.project, j.session_id, (j.properties ->> 'block')::uuid as block_id
    from   (select distinct project, session_id from old) as asked
    join   tracking.sessions s using (project, session_id)
    join   tracking.journal j on j.project = s.project and j.session_id = s.session_id and j.born = s.born
    where  j.kind = 3
      and  j.number > coalesce((
               select max(forgotten.number)
               from   tracking.journal forgotten
               where  forgotten.project = s.project
                 and  forgotten.session_id = s.session_id
                 and  forgotten.born = s.born
                 and  forgotten.kind = 4), 0)
), orphans as (
    select * from old
    where  not exists (
               select from counted c
               where  c.project = old.project and c.session_id = old.session_id and c.block_id = old.block_id)
)
delete from tracking.replay_blocks b
using  orphans
where  b.project = orphans.project
  and  b.session_id = orphans.session_id
  and  b.block_id = orphans.block_id
  and  b.born = orphans.born
  and  b.stored_at <= now() - $1
