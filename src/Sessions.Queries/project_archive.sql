-- Archives a project, or takes it back. A project that is archived already keeps its time.
update tracking.projects
set    archived_at = case when $2 then coalesce(archived_at, now()) end
where  project = $1 and deleting_at is null
