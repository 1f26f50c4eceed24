-- The tiles of one period. "source", "median" and "visitors" consist only of known names and parameters.
select count(*),
       {visitors},
       coalesce(sum(s.pageview_count + s.screen_count), 0)::bigint,
       (sum(s.session_duration) / count(*))::double precision,
       {median},
       (count(*) filter (where s.is_bounce))::double precision / nullif(count(s.is_bounce), 0)::double precision
from   {source}
