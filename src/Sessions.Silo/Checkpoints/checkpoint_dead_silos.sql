-- Dead silos whose rows have not been checked since their last mark (then done_until is no later than seen_at), and
-- those that have been silent for so long that a last check finds everything they can have committed.
select silo, done_until, now()
from   tracking.checkpoints
where  seen_at < now() - make_interval(secs => $1)
and    (done_until <= seen_at or seen_at < now() - make_interval(secs => $2))
