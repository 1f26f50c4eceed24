-- Restores the session rows that were set aside. If a session has begun again since, its new row stays.
with back as (
    delete from tracking.leaving_sessions where day = $1 returning session, replay
), sessions as (
    insert into tracking.sessions
    select row.* from back cross join lateral jsonb_populate_record(null::tracking.sessions, back.session) as row
    on conflict do nothing
    returning project, session_id
)
insert into tracking.replays
select row.*
from   back
cross  join lateral jsonb_populate_record(null::tracking.replays, back.replay) as row
join   sessions s on s.project = row.project and s.session_id = row.session_id
where  back.replay is not null
on conflict do nothing
