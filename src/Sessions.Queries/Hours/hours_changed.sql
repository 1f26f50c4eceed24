-- The hours of a range in which sessions have changed.
select distinct hour from tracking.changed_hours where project = $1 and hour >= $2 and hour < $3 order by hour limit $4
