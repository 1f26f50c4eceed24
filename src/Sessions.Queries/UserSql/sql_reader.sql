select reader, its_password from tracking.ensure_sql_reader(@project)
