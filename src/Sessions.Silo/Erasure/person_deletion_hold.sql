update tracking.person_deletions set leased_until = now() + $2 where id = $1 and finished_at is null
