-- What may take an event of that time: sessions that cover it or ended shortly before (a server-made one lasts a day
-- at most), and the next ones. The ones before it say whose device it was. Rows are some seconds behind, so those
-- that begin just before and after are read whatever their bounds. A row may come more than once.
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
