-- A person's replay blocks: their journal numbers, by session. Blocks with generic ids are included in sessions without
-- another person.
with theirs as materialized (
    select session_id,
           bool_and(distinct_id = any(@ids) or tracking.names_nobody(distinct_id)) and not tracking.names_nobody((@ids)[1]) as is_own
    from   tracking.journal
    where  project = @project and kind in (0, 1, 3)
      and  session_id in (
               select session_id
               from   tracking.journal
               where  project = @project and distinct_id = any(@ids) and kind in (0, 1, 3))
    group  by session_id
)
select j.session_id, array_agg(j.number)
from   tracking.journal j
join   theirs t on t.session_id = j.session_id
where  j.project = @project and j.kind = 3 and (t.is_own or j.distinct_id = any(@ids))
group  by j.session_id
order  by j.session_id
