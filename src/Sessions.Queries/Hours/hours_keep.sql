insert into tracking.kept_hours (project, format, kept_until) values ($1, $2, $3)
on conflict (project) do update set format = excluded.format, kept_until = excluded.kept_until
