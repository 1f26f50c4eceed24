insert into tracking.projects (project, token, api_key_sha256)
values ($1, $2, $3)
on conflict (project) do nothing
