-- Makes or updates a project. Returns nothing when it is being deleted.
insert into tracking.projects (project, token, configured_token, api_key_sha256)
values ($1, $2, $2, $3)
on conflict (project) do update
set token            = case
                           when projects.configured_token is distinct from excluded.configured_token then excluded.token
                           else projects.token
                       end,
    configured_token = excluded.configured_token,
    api_key_sha256   = excluded.api_key_sha256
where projects.deleting_at is null
returning token
