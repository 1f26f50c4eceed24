-- What the last search of a session's recording found, and whether the session has events of each kind. A recording that was
-- removed, or from which a person was erased, has no search until the next.
with entries as (
    select number, kind, event, properties
    from   tracking.journal
    where  project = @project
      and  session_id = @session_id
      and  born = (select born from tracking.sessions where project = @project and session_id = @session_id)
      and  (kind in (4, 5, 6) or (kind in (0, 1) and event in (@rage, @dead)))
)
select found.properties,
       exists (select from entries where event = @rage),
       exists (select from entries where event = @dead)
from   entries found
where  found.kind = 6
  and  found.number > coalesce((select max(number) from entries where kind in (4, 5)), 0)
order  by (found.properties ->> 'up_to')::integer desc
limit  1
