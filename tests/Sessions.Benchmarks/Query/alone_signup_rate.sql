-- Of each day's sessions, the share in which somebody signed up.
select date_trunc('day', start), count(*) filter (where signed_up) * 100.0 / count(*)
from   (select session_id, min(time) as start, bool_or(event = 'signup') as signed_up
        from   tracking.journal
        where  project = 'default' and time >= now() - interval '30 days'
        group by session_id) s
group by 1
