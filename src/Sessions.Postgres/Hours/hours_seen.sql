-- The marks that this snapshot sees are done with: of hours that were counted in it, and of those not kept yet.
delete from tracking.changed_hours where project = $1 and (hour = any($2) or hour >= $3)
