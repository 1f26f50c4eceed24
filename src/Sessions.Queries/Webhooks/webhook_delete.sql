delete from tracking.webhooks where project = $1 and id = $2
