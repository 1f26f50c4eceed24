-- Deletes a project's hours, because they have another format than this version writes.
delete from tracking.session_hours where project = $1
