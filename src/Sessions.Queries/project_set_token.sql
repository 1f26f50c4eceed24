update tracking.projects
set    token = $2
where  project = $1 and deleting_at is null
