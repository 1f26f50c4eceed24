-- Removes the remaining entries of a session that has no events any more: its ends. Its last number stays taken.
delete from tracking.journal where project = $1 and session_id = $2 and born = $3 and number < $4
