select {columns}
from   tracking.all_sessions
where  project = @project and session_id = any(@ids)
