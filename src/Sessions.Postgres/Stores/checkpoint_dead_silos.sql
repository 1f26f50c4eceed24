select silo, done_until
from   tracking.checkpoints
where  done_until < now() - make_interval(secs => $1)
