-- Holds a project's deletion for some time more; with no time, gives it back.
update tracking.projects set deletion_leased_until = now() + $2 where project = $1 and deleting_at is not null
