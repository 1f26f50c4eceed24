update tracking.person_deletions set read_from = $2 where id = $1 and finished_at is null
