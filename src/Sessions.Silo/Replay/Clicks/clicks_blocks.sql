-- A recording's blocks in which clicks have targets, with their bytes, in the order of their first events. A block without
-- bytes has been removed.
select j.number, coalesce(j.window_id, j.session_id::text), coalesce((j.properties ->> 'skew_ms')::bigint, 0), b.data
from   tracking.journal j
left join tracking.replay_blocks b
  on   b.project = j.project and b.session_id = j.session_id
  and  b.block_id = (j.properties ->> 'block')::uuid and b.born = (j.properties ->> 'born')::date
where  j.project = $1
  and  j.session_id = $2
  and  j.born = (select born from tracking.sessions where project = $1 and session_id = $2)
  and  j.kind = 3
  and  j.properties ->> 'source' is distinct from 'mobile'
  and  coalesce((j.properties ->> 'mobile_snapshots')::bigint, 0) = 0
  and  j.number > coalesce((
           select max(number)
           from   tracking.journal
           where  project = $1 and session_id = $2 and kind = 4
           and    born = (select born from tracking.sessions where project = $1 and session_id = $2)), 0)
order by (j.properties ->> 'start_ms')::bigint, coalesce(j.sender_order, 0), j.event_id
