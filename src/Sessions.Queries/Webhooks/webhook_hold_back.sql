-- Postpones a session's later deliveries to the retry of the one that failed, so that they are not found as due before.
update tracking.webhook_deliveries d
set    due_at = first.due_at
from   tracking.webhook_deliveries first
where  first.webhook_id = $1 and first.id = any ($2::uuid[]) and first.state = 'pending'
and    d.webhook_id = $1 and d.session_id = first.session_id and d.state = 'pending'
and    d.version > first.version and d.due_at < first.due_at
