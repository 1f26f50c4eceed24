-- Leases the oldest deletion that no process holds. Those of a project that is being deleted go with it.
update tracking.person_deletions d
set    leased_until = now() + $1
where  d.id = (
           select id
           from   tracking.person_deletions one
           where  finished_at is null and leased_until < now()
           and    not exists (select from tracking.projects p where p.project = one.project and p.deleting_at is not null)
           order  by until
           limit  1
           for    update skip locked)
returning d.id, d.project, d.ids, d.until
