select anonymous_id, distinct_id, kind, arrived from tracking.identities where project = $1
