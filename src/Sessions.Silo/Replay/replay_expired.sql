-- Sessions of a project whose blocks were all written before a day.
select distinct session_id
from   tracking.replay_blocks old
where  project = $1
  and  born < $2
  and  not exists (
           select
           from   tracking.replay_blocks young
           where  young.project = old.project and young.session_id = old.session_id and young.born >= $2)
limit  $3
