-- Takes the next number. Whoever wants to write it too waits for this transaction, and then has to load the session.
insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id)
values ($1, $2, $3, $4, 5, '00000000-0000-0000-0000-000000000000', now(), now(), '', '')
