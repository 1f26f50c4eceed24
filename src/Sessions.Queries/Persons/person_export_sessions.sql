-- A person's sessions in the order of their starts. The placeholder for columns is replaced with known names only.
select {columns}
from   tracking.all_sessions s
where  project = @project and distinct_id = any(@ids)
order  by start_timestamp, session_id
