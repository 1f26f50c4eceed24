-- Deletes the marks that this snapshot sees: of the hours that were aggregated in it, and of hours that are not
-- aggregated yet.
delete from tracking.changed_hours where project = $1 and (hour = any($2) or hour >= $3)
