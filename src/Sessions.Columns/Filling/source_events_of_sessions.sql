select {columns} from tracking.all_events where project = $1 and session_id = any ($2)
