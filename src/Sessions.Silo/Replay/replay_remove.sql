delete from tracking.replay_blocks
where  (project, session_id) in (select * from unnest($1::text[], $2::uuid[]))
  and  born < $3
