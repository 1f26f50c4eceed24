-- Those that a snapshot may have lacked of whose oldest running transaction this was.
select anonymous_id, distinct_id, kind, arrived from tracking.identities where project = $1 and written_in >= $2
