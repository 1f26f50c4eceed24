insert into tracking.person_deletions (id, project, until, person, ids)
values ($1, $2, $3, $4, $5)
