-- The most frequent values of one column or property among the events of a project's latest sessions. "value" consists only
-- of known names and parameters.
select value
from   (select {value} as value
        from   (select project, session_id, born
                from   tracking.sessions
                where  project = @project
                order by start_timestamp desc, session_id desc
                limit  300) s
        cross join lateral
               (select event, event_id, timestamp, received_at, distinct_id, device_id, window_id, current_url, pathname, properties
                from   tracking.all_events
                where  project = s.project and session_id = s.session_id and born = s.born
                limit  50) e) found
where  value <> '' and length(value) <= 300
group by value
order by count(*) desc, value collate "C"
limit  100
