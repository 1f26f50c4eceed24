-- A project's log, the latest first; only what concerns one of some subjects or is one action when that is given.
select id, at, actor, actor_key, way, action, subject, detail::text, result
from   tracking.audit
where  project = $1
  and  ($2::text[] is null or subject = any($2))
  and  ($3::text is null or action = $3)
  and  ($4::bigint is null or id < $4)
order  by id desc
limit  $5
