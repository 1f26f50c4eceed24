-- How many events a project has, as its sessions say.
select coalesce(sum(event_count), 0)::bigint from tracking.sessions where project = $1
