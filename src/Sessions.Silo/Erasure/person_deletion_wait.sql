-- Lets the deletion go for some seconds, in which copies are written anew.
update tracking.person_deletions set leased_until = now() + interval '2 seconds' where id = $1 and finished_at is null
