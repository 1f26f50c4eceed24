-- The devices' latest sessions: some of any age, and many of the last day, since only those may still take an event
-- that comes in time; and all that are live, because nobody else would end them. A row may come more than once.
-- Of the very latest, when it has ended, the journal says whether its row has all that is durable: nobody needs to be asked
-- then, and a visitor who comes back does not bring the session of last time back into memory.
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
