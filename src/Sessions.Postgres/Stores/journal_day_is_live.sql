select exists (select from tracking.sessions where status = 'live' and born = $1)
