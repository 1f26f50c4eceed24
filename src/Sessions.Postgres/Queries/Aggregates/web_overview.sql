-- The tiles of one period. source is made of known names and parameters only.
select count(*),
       count(distinct coalesce(p.person, s.distinct_id)),
       coalesce(sum(s.pageview_count + s.screen_count), 0),
       avg(s.session_duration)::double precision,
       percentile_cont(0.5) within group (order by s.session_duration::double precision),
       avg(s.is_bounce::integer)::double precision
from   {source}
