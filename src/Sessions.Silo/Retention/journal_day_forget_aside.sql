-- Deletes some of the sessions that were set aside for a project and a day, with their recordings. Returns how many
-- there were, and their devices. If a session has begun again since, its new data stays.
with few as (
    select session_id from tracking.leaving_sessions where day = $1 and project = $2 order by session_id limit 5000
), gone as (
    delete from tracking.leaving_sessions l using few
    where  l.day = $1 and l.project = $2 and l.session_id = few.session_id
    returning l.session_id, l.session ->> 'device_key' as device_key
), blocks as (
    delete from tracking.replay_blocks b using gone
    where  b.project = $2 and b.session_id = gone.session_id
    and    not exists (select from tracking.sessions s where s.project = $2 and s.session_id = gone.session_id)
), shares as (
    delete from tracking.replay_shares l using gone
    where  l.project = $2 and l.session_id = gone.session_id
    and    not exists (select from tracking.sessions s where s.project = $2 and s.session_id = gone.session_id)
)
select (select count(*) from gone)::integer, array(select distinct device_key from gone)
