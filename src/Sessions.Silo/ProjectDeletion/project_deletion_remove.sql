select tracking.remove_from_project($1, $2)
