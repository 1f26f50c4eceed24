select j.project, j.session_id, j.number, j.kind, j.event_id, j.time, j.received_at,
       j.event, j.distinct_id, j.device_id, j.window_id, j.device_key, j.properties,
       j.sender_order
from   unnest($1::text[], $2::uuid[], $3::date[], $4::integer[]) as asked (project, session_id, born, number)
join   tracking.journal j
  on   j.project = asked.project and j.session_id = asked.session_id and j.born = asked.born and j.number > asked.number
order  by j.project, j.session_id, j.number
