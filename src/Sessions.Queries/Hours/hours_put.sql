insert into tracking.session_hours (project, hour, count, sessions)
select $1, hour, count, sessions from unnest($2::timestamptz[], $3::integer[], $4::bytea[]) as counted (hour, count, sessions)
on conflict (project, hour) do update set count = excluded.count, sessions = excluded.sessions
