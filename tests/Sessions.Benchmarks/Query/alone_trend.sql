-- Sessions by day.
select date_trunc('day', start), count(*)
from   (select session_id, min(time) as start
        from   tracking.journal
        where  project = 'default' and time >= now() - interval '30 days'
        group by session_id) s
group by 1
