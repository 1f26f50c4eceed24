select distinct session_id from tracking.journal where project = $1 and born = $2
