-- The devices' latest sessions: some of any age, and many of the last day, since only those may still take an event
-- that comes in time; and all that are live, because nobody else would end them. A row may come more than once.
select asked.project, asked.device_key, found.session_id, found.fold_version, found.fold,
       found.start_timestamp, found.is_latest, found.is_live
from   unnest($1::text[], $2::text[]) as asked (project, device_key)
cross  join lateral (
    (
        select session_id, fold_version, fold, start_timestamp, true as is_latest, false as is_live
        from   tracking.sessions s
        where  s.project = asked.project and s.device_key = asked.device_key
        order  by s.start_timestamp desc
        limit  $3
    )
    union all
    (
        select session_id, fold_version, fold, start_timestamp, false, false
        from   tracking.sessions s
        where  s.project = asked.project and s.device_key = asked.device_key
        and    s.start_timestamp > now() - interval '35 hours'
        order  by s.start_timestamp desc
        limit  64
    )
    union all
    select session_id, fold_version, fold, start_timestamp, false, true
    from   tracking.sessions s
    where  s.project = asked.project and s.device_key = asked.device_key and s.status = 'live'
) found
