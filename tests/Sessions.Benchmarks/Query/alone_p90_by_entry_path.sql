-- How long the longest tenth of the sessions of each entry path is at least.
select path, percentile_cont(0.9) within group (order by seconds)
from   (select session_id,
               (array_agg(properties ->> '$pathname' order by time))[1] as path,
               extract(epoch from max(time) - min(time))::float8        as seconds
        from   tracking.journal
        where  project = 'default' and time >= now() - interval '30 days'
        group by session_id) s
group by path
order by count(*) desc
limit  25
