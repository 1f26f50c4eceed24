-- Whether a project ever had a session: it has one, or retention or the deletion of a person has taken some away.
select exists (select from tracking.sessions where project = @project)
    or exists (select from tracking.projects where project = @project and had_sessions)
    or exists (select from tracking.person_deletions where project = @project and sessions > 0)
