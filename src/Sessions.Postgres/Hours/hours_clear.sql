-- Hours of another form than this program writes.
delete from tracking.session_hours where project = $1
