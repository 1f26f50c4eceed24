-- The day on which a session was born and its last number. Returns no row when the session has no data of the person.
select s.born, (
           select max(number)
           from   tracking.journal j
           where  j.project = s.project and j.session_id = s.session_id and j.born = s.born)
from   tracking.sessions s
where  s.project = $1 and s.session_id = $2
  and  exists (
           select
           from   tracking.journal j
           where  j.project = s.project and j.session_id = s.session_id and j.born = s.born
             and  j.kind in (0, 1, 3) and j.distinct_id = any($3::text[]) and j.time <= $4)
