-- The latest hundred sessions of thirty days in which somebody signed up.
select session_id, min(time), max(time), count(*), min(distinct_id)
from   tracking.journal
where  project = 'default' and time >= now() - interval '30 days'
group by session_id
having bool_or(event = 'signup')
order by 2 desc
limit  100
