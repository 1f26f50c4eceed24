delete from tracking.sessions where born = $1
