-- The latest hundred sessions of a week.
select session_id, min(time), max(time), count(*), min(distinct_id), (array_agg(properties ->> '$pathname' order by time))[1]
from   tracking.journal
where  project = 'default' and time >= now() - interval '7 days'
group by session_id
order by 2 desc
limit  100
