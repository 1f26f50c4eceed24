-- Sessions that may take an event of that time: those that cover it or ended shortly before (a session with a
-- server-assigned id lasts a day at most), and the next ones. The sessions before it say which person used the device.
-- Rows are some seconds behind, so the sessions that begin just before and just after are read whatever their ends are.
-- A row may be returned more than once.
(
    select session_id, fold_version, fold
    from   tracking.sessions
    where  project = $1 and device_key = $2
    and    start_timestamp between $3 - interval '24 hours' - $4 and $3 and end_timestamp >= $3 - $4
    order  by start_timestamp desc
    limit  16
)
union all
(
    select session_id, fold_version, fold
    from   tracking.sessions
    where  project = $1 and device_key = $2 and start_timestamp <= $3
    order  by start_timestamp desc
    limit  $5
)
union all
(
    select session_id, fold_version, fold
    from   tracking.sessions
    where  project = $1 and device_key = $2 and start_timestamp > $3
    order  by start_timestamp
    limit  4
)
