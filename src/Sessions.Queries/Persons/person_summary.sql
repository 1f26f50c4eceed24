-- A summary of a person's data, from their sessions' rows.
select count(*),
       coalesce(sum(s.event_count), 0)::bigint,
       count(r.start_timestamp),
       count(*) filter (where s.status = 'live'),
       min(s.start_timestamp),
       max(s.end_timestamp)
from   tracking.sessions s
left   join tracking.replays r on r.project = s.project and r.session_id = s.session_id
where  s.project = $1 and s.distinct_id = any($2::text[])
