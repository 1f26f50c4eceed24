-- Uses a ticket up. Returns the hash of its project's configured key, or of the operator's key when the ticket has no
-- project; nothing when it was used before or is too old.
with ticket as (
    delete from tracking.sign_in_tickets
    where  sha256 = $1 and expires_at > now()
    returning project
)
select case
           when ticket.project is null then (select sha256 from tracking.operator)
           else (select api_key_sha256 from tracking.projects p where p.project = ticket.project)
       end
from   ticket
