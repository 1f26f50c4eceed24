-- Sets aside the rows of some of a project's sessions of a day and of their recordings, in the order of their ids.
-- Returns the last session's id; null when there were none.
with taken as (
    select distinct session_id
    from   (select session_id from {journal} where project = $2 and session_id > $3 order by session_id limit 5000) entries
), gone as (
    -- A session that was deleted and has begun again since belongs to another day.
    delete from tracking.sessions s using taken
    where  s.project = $2 and s.session_id = taken.session_id and s.born = $1
    returning s.*
), recorded as (
    delete from tracking.replays r using gone where r.project = $2 and r.session_id = gone.session_id
    returning r.*
), aside as (
    insert into tracking.leaving_sessions (day, project, session_id, session, replay)
    select $1, $2, gone.session_id, to_jsonb(gone), to_jsonb(recorded)
    from   gone
    left   join recorded using (project, session_id)
    on conflict do nothing
)
select max(session_id::text)::uuid from taken
