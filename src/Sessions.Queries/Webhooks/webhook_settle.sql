-- Records the results of attempts. If another process has leased the delivery since, the number of attempts differs and
-- the row stays as it is.
update tracking.webhook_deliveries d
set    state      = settled.state,
       due_at     = case when settled.state = 'pending' then now() + settled.pause else d.due_at end,
       settled_at = case when settled.state <> 'pending' then now() end,
       status     = settled.status,
       error      = settled.error,
       payload    = case when settled.state <> 'delivered' then d.payload end
from   unnest($2::uuid[], $3::integer[], $4::text[], $5::interval[], $6::integer[], $7::text[])
       as settled (id, attempts, state, pause, status, error)
where  d.webhook_id = $1 and d.id = settled.id and d.attempts = settled.attempts and d.state = 'pending'
