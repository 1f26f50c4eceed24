select id, until, person, finished_at, leased_until > now() and finished_at is null, sessions, events, replays
from   tracking.person_deletions
where  project = $1 and id = $2
