select tracking.check_forgotten($1)
