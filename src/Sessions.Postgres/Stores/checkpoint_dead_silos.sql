-- Silos whose rows nobody has looked through since they fell silent: done_until is then no later than seen_at. And those
-- that have been silent for so long that a last look finds all they can have committed.
select silo, done_until, now()
from   tracking.checkpoints
where  seen_at < now() - make_interval(secs => $1)
and    (done_until <= seen_at or seen_at < now() - make_interval(secs => $2))
