-- Single events of sessions by their numbers, to compare them with events that arrive with the same ids.
select j.project, j.session_id, j.born, j.number, j.kind, j.time, j.client_time, j.event, j.distinct_id, j.window_id, j.properties
from   unnest($1::text[], $2::uuid[], $3::date[], $4::integer[]) as asked (project, session_id, born, number)
join   tracking.journal j
  on   j.project = asked.project and j.session_id = asked.session_id and j.born = asked.born and j.number = asked.number
