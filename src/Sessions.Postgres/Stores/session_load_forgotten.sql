-- Sessions that were forgotten whole. Asked before their rows: one that comes again in between has its row.
select project, session_id, number
from   tracking.forgotten_sessions
where  (project, session_id) in (select * from unnest($1::text[], $2::uuid[]))
