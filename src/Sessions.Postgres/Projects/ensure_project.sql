insert into tracking.projects (project, token, api_key_sha256)
values ($1, $2, $3)
on conflict (project) do update
set token = excluded.token, api_key_sha256 = excluded.api_key_sha256
where (projects.token, projects.api_key_sha256) is distinct from (excluded.token, excluded.api_key_sha256)
