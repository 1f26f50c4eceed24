-- The projects with hours to aggregate. Projects whose hours have a newer format are left out: a newer version of this
-- program writes them.
select p.project
from   tracking.projects p
left join tracking.kept_hours k using (project)
where  p.deleting_at is null
and    ((k.project is null and exists (select from tracking.sessions s where s.project = p.project))
        or k.format < $2
        or (k.format = $2 and (k.kept_until < $1 or exists (select from tracking.changed_hours c where c.project = p.project))))
order  by p.project
