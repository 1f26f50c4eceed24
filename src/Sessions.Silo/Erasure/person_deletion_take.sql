-- Leases the oldest deletion that no process holds.
update tracking.person_deletions d
set    leased_until = now() + $1
where  d.id = (
           select id
           from   tracking.person_deletions
           where  finished_at is null and leased_until < now()
           order  by until
           limit  1
           for    update skip locked)
returning d.id, d.project, d.ids, d.until
