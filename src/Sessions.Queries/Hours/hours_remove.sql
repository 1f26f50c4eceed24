-- Deletes hours that have no sessions any more.
delete from tracking.session_hours where project = $1 and hour = any($2)
