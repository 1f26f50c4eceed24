-- Adds a ticket, and removes the expired ones.
with expired as (
    delete from tracking.sign_in_tickets where expires_at < now()
)
insert into tracking.sign_in_tickets (sha256, project, expires_at)
values ($1, $2, now() + $3)
