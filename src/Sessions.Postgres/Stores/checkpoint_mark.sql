-- The silo lives. All rows are up to date to the moment since when the oldest change waits that is not in its row.
insert into tracking.checkpoints (silo, done_until, seen_at)
values ($1, now() - make_interval(secs => $2), now())
on conflict (silo) do update set done_until = excluded.done_until, seen_at = excluded.seen_at
