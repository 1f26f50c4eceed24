select min(start_timestamp) from tracking.sessions where project = @project
