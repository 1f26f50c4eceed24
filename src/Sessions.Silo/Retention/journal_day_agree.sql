-- Records that a day should be removed, and returns how far its removal is: whether it was first recorded an hour ago
-- (a little less, because sweeps are not punctual), whether a day ago, whether the day is detached, and whether that
-- was a day ago.
insert into tracking.leaving_days as l (day, project) values ($1, $2)
on conflict (day, project) do update set day = excluded.day
returning l.agreed_at <= now() - interval '59 minutes', l.agreed_at <= now() - interval '1 day',
          l.detached_at is not null, coalesce(l.detached_at <= now() - interval '1 day', false)
