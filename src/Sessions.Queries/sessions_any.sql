-- Whether a project ever had a session.
select exists (select from tracking.sessions where project = @project)
