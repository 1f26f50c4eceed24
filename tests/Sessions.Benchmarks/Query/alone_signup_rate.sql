-- Of each day, the sessions in which somebody signed up then, as a share of those that began then.
select day, sum(signed_up) * 100.0 / nullif(sum(begun), 0)
from   (select date_trunc('day', time) as day, count(distinct session_id) as signed_up, 0 as begun
        from   tracking.journal
        where  project = 'default' and time >= now() - interval '30 days' and event = 'signup'
        group by 1
        union all
        select date_trunc('day', start), 0, count(*)
        from   (select session_id, min(time) as start
                from   tracking.journal
                where  project = 'default' and time >= now() - interval '30 days'
                group by session_id) s
        group by 1) of_days
group by day
