select pg_try_advisory_lock(hashtext('tracking.session_hours'))
