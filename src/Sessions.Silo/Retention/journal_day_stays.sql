delete from tracking.leaving_days where day = $1 and project = $2
