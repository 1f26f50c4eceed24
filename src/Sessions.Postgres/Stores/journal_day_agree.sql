-- How far a day is on its way out, after saying that it is to go: whether that was said an hour ago already (sweeps are not
-- punctual to the minute), whether that is a day ago, whether it is detached, and whether that is a day ago.
insert into tracking.leaving_days as l (day, project) values ($1, $2)
on conflict (day, project) do update set day = excluded.day
returning l.agreed_at <= now() - interval '59 minutes', l.agreed_at <= now() - interval '1 day',
          l.detached_at is not null, coalesce(l.detached_at <= now() - interval '1 day', false)
