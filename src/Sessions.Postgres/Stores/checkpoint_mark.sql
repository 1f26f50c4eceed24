-- Up to the beginning of the round that has just been written.
insert into tracking.checkpoints (silo, done_until)
values ($1, now() - make_interval(secs => $2))
on conflict (silo) do update set done_until = excluded.done_until
