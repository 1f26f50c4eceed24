-- Sessions whose journal has entries since a time that are missing in their rows. Those of a project that is being deleted take
-- no calls.
select distinct j.project, j.session_id
from   tracking.journal j
join   tracking.sessions s on s.project = j.project and s.session_id = j.session_id
where  j.received_at >= $1 and j.number > s.number
and    not exists (select from tracking.projects p where p.project = j.project and p.deleting_at is not null)
