-- A page of a webhook's deliveries, the newest first.
select d.id, d.type, d.session_id, d.version, d.state, d.attempts, d.created_at,
       case when d.state = 'pending' then d.due_at end as due_at, d.settled_at, d.status, d.error
from   tracking.webhook_deliveries d
where  d.webhook_id = $1
and    ($2::text is null or d.state = $2)
and    ($3::uuid is null or d.id < $3)
order  by d.id desc
limit  $4
