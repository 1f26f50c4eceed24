-- Removes blocks of recordings that sessions have forgotten, and the links to these recordings.
with sessions as materialized (
    select * from unnest($1::text[], $2::uuid[]) as asked (project, session_id)
), shares as (
    delete from tracking.replay_shares l using sessions s
    where  l.project = s.project and l.session_id = s.session_id
    and    not exists (select from tracking.open_replay_shares o where o.id = l.id)
)
delete from tracking.replay_blocks
where  (project, session_id) in (select * from sessions)
  and  born < $3
