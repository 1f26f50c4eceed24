-- The devices that have entries in a session. Also tells tracking.session_forgotten the range of the session's event
-- times.
with entries as (
    select time, distinct_id, device_id, device_key
    from   tracking.journal
    where  project = $1 and session_id = $2 and born = $3 and kind in (0, 1, 3)
), told as (
    select tracking.session_forgotten($1, $2, min(time), max(time)) from entries
)
select distinct e.distinct_id, e.device_id, e.device_key from entries e cross join (select count(*) from told) t
