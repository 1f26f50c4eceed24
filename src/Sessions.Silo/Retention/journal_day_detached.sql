update tracking.leaving_days set detached_at = now() where day = $1 and project = ''
