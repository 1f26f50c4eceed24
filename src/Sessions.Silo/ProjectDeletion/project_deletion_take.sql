-- Leases a project that is being deleted and that no process holds: the one that was left alone for the longest. Says whether
-- the deletion began long enough ago.
update tracking.projects p
set    deletion_leased_until = now() + $1
where  p.project = (
           select project
           from   tracking.projects
           where  deleting_at is not null and deletion_leased_until < now() and project <> all ($3)
           order  by deletion_leased_until
           limit  1
           for    no key update skip locked)
returning p.project, p.deleting_at < now() - $2
