-- Sessions whose journal has entries since a time that are missing in their rows, with the number of the last entry. Those of
-- a project that is being deleted take no calls.
select j.project, j.session_id, max(j.number)
from   tracking.journal j
join   tracking.sessions s on s.project = j.project and s.session_id = j.session_id
where  j.received_at >= $1 and j.number > s.number
and    not exists (select from tracking.projects p where p.project = j.project and p.deleting_at is not null)
group  by j.project, j.session_id
