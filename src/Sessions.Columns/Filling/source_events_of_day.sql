select {columns} from tracking.all_events where project = $1 and born = $2
