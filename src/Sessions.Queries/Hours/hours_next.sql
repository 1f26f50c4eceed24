-- The first hour, from a given one on, in which a session began.
select tracking.hour_of(min(start_timestamp)) from tracking.sessions where project = $1 and start_timestamp >= $2
