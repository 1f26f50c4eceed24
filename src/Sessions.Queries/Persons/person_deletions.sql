-- A project's deletions, the latest first; only those of one person when the person's marks are given.
select id, until, person, finished_at, leased_until > now() and finished_at is null, sessions, events, replays
from   tracking.person_deletions
where  project = $1
  and  ($2::bytea[] is null or person = any($2))
  and  ($3::timestamptz is null or (until, id) < ($3, $4))
order  by until desc, id desc
limit  $5
