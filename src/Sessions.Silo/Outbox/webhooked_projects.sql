select distinct project from tracking.webhooks where active
