select asked.project, asked.session_id, asked.born, last.number
from   unnest($1::text[], $2::uuid[], $3::date[]) as asked (project, session_id, born)
cross  join lateral (
    select j.number
    from   tracking.journal j
    where  j.project = asked.project and j.session_id = asked.session_id and j.born = asked.born
    order  by j.number desc
    limit  1
) last
