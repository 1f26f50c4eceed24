-- The devices' latest sessions: a few of any age, more of the last day (only those can still take a timely event), and
-- all live ones, because only the device ends them. A row may be returned more than once. For the latest session, if it
-- has ended, the query compares its row with the journal. If the row is complete, the device need not call the session,
-- so a visitor who returns does not load the previous session into memory.
select asked.project, asked.device_key, found.session_id, found.fold_version, found.fold,
       found.start_timestamp, found.is_latest, found.is_live,
       found.is_ended and found.place = 1 and not exists (
           select
           from   tracking.journal j
           where  j.project = asked.project and j.session_id = found.session_id and j.born = found.born and j.number > found.number
       ) as is_current
from   unnest($1::text[], $2::text[]) as asked (project, device_key)
cross  join lateral (
    (
        select session_id, fold_version, fold, start_timestamp, true as is_latest, false as is_live,
               born, number, status = 'ended' as is_ended, row_number() over (order by start_timestamp desc) as place
        from   tracking.sessions s
        where  s.project = asked.project and s.device_key = asked.device_key
        order  by s.start_timestamp desc
        limit  $3
    )
    union all
    (
        select session_id, fold_version, fold, start_timestamp, false, false, born, number, false, null
        from   tracking.sessions s
        where  s.project = asked.project and s.device_key = asked.device_key
        and    s.start_timestamp > now() - interval '35 hours'
        order  by s.start_timestamp desc
        limit  64
    )
    union all
    select session_id, fold_version, fold, start_timestamp, false, true, born, number, false, null
    from   tracking.sessions s
    where  s.project = asked.project and s.device_key = asked.device_key and s.status = 'live'
) found
