-- Takes the session's next number. An activation that writes the same number waits for this transaction, fails, and has
-- to load the session again.
insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id)
values ($1, $2, $3, $4, 5, '00000000-0000-0000-0000-000000000000', now(), now(), '', '')
