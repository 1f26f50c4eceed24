select tracking.ensure_reader(@project, @password)
