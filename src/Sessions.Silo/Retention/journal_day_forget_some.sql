-- Deletes some of a project's sessions of a day that other projects keep, in the order of their ids: their rows, their
-- entries and their recordings. Returns the last session's id (null when there were none) and the devices.
with taken as (
    select distinct session_id
    from   (
               select session_id
               from   tracking.journal
               where  born = $1 and project = $2 and session_id > $3
               order  by session_id
               limit  5000
           ) entries
), entries as (
    delete from tracking.journal j using taken where j.born = $1 and j.project = $2 and j.session_id = taken.session_id
), gone as (
    -- A session that was deleted and has begun again since belongs to another day.
    delete from tracking.sessions s using taken
    where  s.project = $2 and s.session_id = taken.session_id and s.born = $1
    returning s.session_id, s.device_key
), replays as (
    delete from tracking.replays r using gone where r.project = $2 and r.session_id = gone.session_id
), blocks as (
    delete from tracking.replay_blocks b using gone where b.project = $2 and b.session_id = gone.session_id
), shares as (
    delete from tracking.replay_shares l using gone where l.project = $2 and l.session_id = gone.session_id
)
select (select max(session_id::text)::uuid from taken), array(select distinct device_key from gone)
