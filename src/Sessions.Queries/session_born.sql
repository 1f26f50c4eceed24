select born from tracking.sessions where project = @project and session_id = @session_id
