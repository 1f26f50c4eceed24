-- Up to which number of the journal the rows of sessions are written.
select session_id, number from tracking.sessions where project = $1 and session_id = any ($2)
