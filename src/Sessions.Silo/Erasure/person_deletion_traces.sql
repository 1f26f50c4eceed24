select ids, device_keys, shared from tracking.person_deletions where id = $1 and finished_at is null
