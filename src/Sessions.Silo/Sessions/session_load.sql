select project, session_id, born, number, fold_version, fold,
       device_key, status, end_reason, start_timestamp, end_timestamp, distinct_id, device_id
from   tracking.sessions
where  (project, session_id) in (select * from unnest($1::text[], $2::uuid[]))
