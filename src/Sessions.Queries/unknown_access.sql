-- Whether any of these tokens, projects and hashes of keys is valid. A gateway asks about those that it does not know.
select exists (select from tracking.projects where token = any ($1) and archived_at is null and deleting_at is null)
    or exists (select from tracking.projects where project = any ($2) and deleting_at is null)
    or exists (select from tracking.projects where api_key_sha256 = any ($3) and deleting_at is null)
    or exists (select from tracking.api_keys where sha256 = any ($3) and (expires_at is null or expires_at > now()))
    or exists (select from tracking.operator where sha256 = any ($3))
