select tracking.finish_project_deletion($1, $2)
