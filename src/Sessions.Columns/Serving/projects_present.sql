select project from tracking.projects where deleting_at is null
