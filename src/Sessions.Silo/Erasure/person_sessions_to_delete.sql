-- A person's sessions by their rows: a limited number at a time, in the order of their ids.
select session_id
from   tracking.sessions
where  project = $1 and distinct_id = any($2::text[]) and start_timestamp <= $3 and session_id > $4
order  by session_id
limit  $5
