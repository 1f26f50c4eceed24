-- Hours in which no session began after all.
delete from tracking.session_hours where project = $1 and hour = any($2)
