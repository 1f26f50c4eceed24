select asked.project, asked.device_key, latest.session_id, latest.fold_version, latest.fold
from   unnest($1::text[], $2::text[]) as asked (project, device_key)
cross  join lateral (
    select session_id, fold_version, fold
    from   tracking.sessions s
    where  s.project = asked.project and s.device_key = asked.device_key
    order  by s.start_timestamp desc
    limit  $3
) latest
