-- The devices that had anything in a session; and who counted it is told with which times.
with entries as (
    select time, distinct_id, device_id, device_key
    from   tracking.journal
    where  project = $1 and session_id = $2 and born = $3 and kind in (0, 1, 3)
), told as (
    select tracking.session_forgotten($1, $2, min(time), max(time)) from entries
)
select distinct e.distinct_id, e.device_id, e.device_key from entries e cross join (select count(*) from told) t
