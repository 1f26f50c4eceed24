-- The holder's copies that deletions of persons wait for. Only when every transaction that was running at the removal has
-- ended: a file that is written before says nothing.
select distinct c.project
from   tracking.person_deletions d
join   tracking.copies c on c.project = d.project
where  c.holder = $1 and d.finished_at is null and c.clean_from <= d.removed_in
and    d.removed_in < pg_snapshot_xmin(pg_current_snapshot())
