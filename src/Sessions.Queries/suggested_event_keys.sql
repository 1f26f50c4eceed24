-- The most frequent properties among the events of a project's latest sessions.
select key
from   (select project, session_id, born
        from   tracking.sessions
        where  project = @project
        order by start_timestamp desc, session_id desc
        limit  300) s
cross join lateral
       (select event, event_id, timestamp, received_at, distinct_id, device_id, window_id, current_url, pathname, properties
        from   tracking.all_events
        where  project = s.project and session_id = s.session_id and born = s.born
        limit  50) e
cross join lateral jsonb_object_keys(case when jsonb_typeof(e.properties) = 'object' then e.properties else '{}'::jsonb end) key
where  key <> '' and length(key) <= 300
group by key
order by count(*) desc, key collate "C"
limit  200
