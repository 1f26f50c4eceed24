select project, session_id, born, number, fold_version, fold
from   tracking.sessions
where  (project, session_id) in (select * from unnest($1::text[], $2::uuid[]))
