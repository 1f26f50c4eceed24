-- Leases the next deliveries of a webhook. When the lease ends without a result, other processes may take them. Of each
-- session only the oldest pending delivery is taken, so that a session's messages arrive in order. An endpoint whose
-- last deliveries all failed gets one at a time. Tests have a way of their own.
with heads as (
    select d.id
    from   tracking.webhook_deliveries d
    where  d.webhook_id = $1 and d.state = 'pending' and d.due_at <= now()
    and    d.session_id is not null
    and    not exists (
        select from tracking.webhook_deliveries before
        where  before.webhook_id = d.webhook_id and before.session_id = d.session_id
        and    before.state = 'pending' and before.version < d.version
    )
    order  by d.due_at
    limit  (select case when w.failures > 0 then 1 else $2 end from tracking.webhooks w where w.id = $1)
    for update of d skip locked
)
update tracking.webhook_deliveries d
set    due_at = now() + $3, attempts = d.attempts + 1
from   heads, tracking.webhooks w
where  d.webhook_id = $1 and d.id = heads.id and w.id = $1 and w.active
returning d.id, d.attempts, d.payload, w.url, w.secret, case when w.former_until > now() then w.former_secret end
