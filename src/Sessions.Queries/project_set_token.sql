update tracking.projects
set    token = $2
where  project = $1
