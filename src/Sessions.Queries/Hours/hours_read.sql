select h.hour, h.sessions from tracking.session_hours h where h.project = $1 and h.hour = any($2)
