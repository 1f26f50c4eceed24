-- A page of a project's audit log, the latest line first; filtered by subjects and action when these are given.
select id, at, actor, actor_key, way, action, subject, detail::text, result
from   tracking.audit
where  project = $1
  and  ($2::text[] is null or subject = any($2))
  and  ($3::text is null or action = $3)
  and  ($4::bigint is null or id < $4)
order  by id desc
limit  $5
