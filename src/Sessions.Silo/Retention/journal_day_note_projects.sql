-- Notes that projects had sessions, before these are removed.
update tracking.projects set had_sessions = true where project = any ($1) and not had_sessions
