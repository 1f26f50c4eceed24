-- Those that a snapshot may have lacked of whose oldest running transaction this was.
select anonymous_id, distinct_id, time, event_id from tracking.identities where project = $1 and written_in >= $2
