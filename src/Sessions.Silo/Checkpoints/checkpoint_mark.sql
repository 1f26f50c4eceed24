-- Marks the silo as alive. Until done_until, all of its changes are in the sessions' rows.
insert into tracking.checkpoints (silo, done_until, seen_at)
values ($1, now() - make_interval(secs => $2), now())
on conflict (silo) do update set done_until = excluded.done_until, seen_at = excluded.seen_at
