update tracking.person_deletions set ids = $2 where id = $1 and finished_at is null
