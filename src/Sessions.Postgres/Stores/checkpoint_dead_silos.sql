select silo, done_until
from   tracking.checkpoints
where  seen_at < now() - make_interval(secs => $1)
