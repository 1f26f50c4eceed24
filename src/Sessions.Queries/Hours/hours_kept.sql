select format, kept_until from tracking.kept_hours where project = $1
