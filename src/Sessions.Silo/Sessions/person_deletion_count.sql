-- Runs in the transaction that erases the person from a session, so a repeated attempt does not count twice.
update tracking.person_deletions
set    sessions = sessions + $2,
       events = events + $3,
       replays = replays + $4,
       device_keys = array(select distinct unnest(device_keys || $5::text[])),
       shared = array(select distinct unnest(shared || $6::uuid[]))
where  id = $1 and finished_at is null
