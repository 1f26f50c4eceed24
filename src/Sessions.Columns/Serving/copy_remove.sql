delete from tracking.copies where project = $1 and holder = $2
