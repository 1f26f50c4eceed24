select exists (select from tracking.sessions where status = 'live' and born = $1 and project = coalesce($2, project))
