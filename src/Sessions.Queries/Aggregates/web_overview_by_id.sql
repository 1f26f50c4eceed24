-- As web_overview.sql. "source", "median", "id", "person" and "persons" consist only of known names and parameters. The statement groups by
-- distinct id first, which Postgres can do in parallel, so that persons are looked up once for each id and not once for
-- each session.
select coalesce(sum(sessions), 0)::bigint,
       count(distinct {person}),
       coalesce(sum(views), 0)::bigint,
       (sum(seconds) / sum(sessions))::double precision,
       (select {median} from {source}),
       sum(bounced)::double precision / nullif(sum(judged), 0)::double precision
from   (select {id}                                     as id,
               count(*)                                 as sessions,
               sum(s.pageview_count + s.screen_count)   as views,
               sum(s.session_duration)                  as seconds,
               count(*) filter (where s.is_bounce)      as bounced,
               count(s.is_bounce)                       as judged
        from   {source}
        group by 1) its
{persons}
