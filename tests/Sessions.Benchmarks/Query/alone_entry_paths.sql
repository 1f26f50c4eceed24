-- The entry paths with the most visitors.
select path, count(distinct distinct_id), sum(views), count(*)
from   (select session_id,
               min(distinct_id)                                          as distinct_id,
               (array_agg(properties ->> '$pathname' order by time))[1]  as path,
               count(*) filter (where event in ('$pageview', '$screen')) as views
        from   tracking.journal
        where  project = 'default' and time >= now() - interval '30 days'
        group by session_id) s
group by path
order by 2 desc
limit  10
