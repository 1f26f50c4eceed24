select tracking.delete_project($1)
