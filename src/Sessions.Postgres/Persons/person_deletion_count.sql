-- In the transaction that takes a session's part away: each counts once, however often it is tried.
update tracking.person_deletions
set    sessions = sessions + $2,
       events = events + $3,
       replays = replays + $4,
       device_keys = array(select distinct unnest(device_keys || $5::text[])),
       shared = array(select distinct unnest(shared || $6::uuid[]))
where  id = $1 and finished_at is null
