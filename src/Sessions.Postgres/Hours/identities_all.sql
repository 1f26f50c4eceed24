select anonymous_id, distinct_id, time, event_id from tracking.identities where project = $1
