insert into tracking.audit (project, actor, actor_key, way, action, subject, detail, result)
values ($1, $2, $3, $4, $5, $6, $7, $8)
returning id
