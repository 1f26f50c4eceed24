-- The tiles of thirty days, made of the events alone.
select count(*), count(distinct distinct_id), sum(views), avg(seconds), percentile_cont(0.5) within group (order by seconds),
       avg((views < 2 and clicks = 0 and seconds < 10)::integer)
from   (select session_id,
               min(distinct_id)                                          as distinct_id,
               extract(epoch from max(time) - min(time))::float8         as seconds,
               count(*) filter (where event in ('$pageview', '$screen')) as views,
               count(*) filter (where event = '$autocapture')            as clicks
        from   tracking.journal
        where  project = 'default' and time >= now() - interval '30 days'
        group by session_id) s
