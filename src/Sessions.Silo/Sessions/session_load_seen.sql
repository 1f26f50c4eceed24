select j.project, j.session_id, j.event_id, j.distinct_id, j.device_id, j.device_key, j.number
from   unnest($1::text[], $2::uuid[], $3::date[]) as asked (project, session_id, born)
join   tracking.journal j
  on   j.project = asked.project and j.session_id = asked.session_id and j.born = asked.born
where  j.kind in (0, 1, 3)
