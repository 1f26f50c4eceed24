-- A table over the pages and screens seen in one period. "value", "entry", "person", "session", "source" and "limit" consist only of
-- known names and parameters. The bounce rate is that of the sessions that began on the page.
select value, count(distinct person), sum(views), count(distinct session),
       count(distinct session) filter (where began and is_bounce)::double precision
           / nullif(count(distinct session) filter (where began and is_bounce is not null), 0)
from   (select {value}                                                  as value,
               {person}                                                 as person,
               e.{session}                                              as session,
               count(*)                                                 as views,
               own.is_bounce,
               {value} is not distinct from {entry}                     as began
        from   {source}
        group by 1, 2, 3, 5, 6) counted
group by value
order by 2 desc, 3 desc, value collate "C" nulls last
limit  {limit}
