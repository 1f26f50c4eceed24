-- What was recorded of a person: the numbers of its blocks, by session.
select session_id, array_agg(number)
from   tracking.journal
where  project = @project and distinct_id = any(@ids) and kind = 3
group  by session_id
order  by session_id
