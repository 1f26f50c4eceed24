-- A person's sessions in the order of their starts. columns are made of known names.
select {columns}
from   tracking.all_sessions s
where  project = @project and distinct_id = any(@ids)
order  by start_timestamp, session_id
