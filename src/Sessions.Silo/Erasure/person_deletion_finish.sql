-- Finishes the deletion, but only if no session row of the person is left, and no copy has anything of
-- them.
with finished as (
    update tracking.person_deletions
    set    ids = null, device_keys = '{}', shared = '{}', finished_at = now()
    where  id = $1
      and  finished_at is null
      and  not exists (
               select
               from   tracking.copies c
               where  c.project = $2 and (removed_in is null or c.clean_from <= removed_in))
      and  not exists (
               select
               from   tracking.sessions s
               join   tracking.journal j on j.project = s.project and j.session_id = s.session_id and j.born = s.born
               where  s.project = $2 and s.distinct_id = any($3::text[]) and s.start_timestamp <= $4
                 and  j.kind in (0, 1, 3) and j.distinct_id = any($3::text[]) and j.time <= $4)
    returning project, id, person, sessions, events, replays
)
insert into tracking.audit (project, actor, way, action, subject, detail, result)
select project, 'the server', 'server', 'person.deleted', encode(person, 'hex'),
       jsonb_build_object('deletion', id, 'sessions', sessions, 'events', events, 'replays', replays), 'done'
from   finished
