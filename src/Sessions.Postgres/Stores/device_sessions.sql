-- The devices' latest sessions, and those of any age that are live: nobody else would end them.
select asked.project, asked.device_key, found.session_id, found.fold_version, found.fold, found.is_latest
from   unnest($1::text[], $2::text[]) as asked (project, device_key)
cross  join lateral (
    (
        select session_id, fold_version, fold, true as is_latest
        from   tracking.sessions s
        where  s.project = asked.project and s.device_key = asked.device_key
        order  by s.start_timestamp desc
        limit  $3
    )
    union all
    select session_id, fold_version, fold, false
    from   tracking.sessions s
    where  s.project = asked.project and s.device_key = asked.device_key and s.status = 'live'
) found
