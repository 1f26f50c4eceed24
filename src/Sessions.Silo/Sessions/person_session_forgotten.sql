insert into tracking.forgotten_sessions as known (project, session_id, number, born)
values ($1, $2, $3, $4)
on conflict (project, session_id) do update
set    number = excluded.number, born = excluded.born, forgotten_at = excluded.forgotten_at
