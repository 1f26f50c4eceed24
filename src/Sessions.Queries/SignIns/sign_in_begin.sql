-- Begins a sign-in, and removes the rows of those that have expired.
with expired as (
    delete from tracking.sign_ins where expires_at < now()
)
insert into tracking.sign_ins (id, project, key_mark, expires_at)
values ($1, $2, $3, now() + $4)
