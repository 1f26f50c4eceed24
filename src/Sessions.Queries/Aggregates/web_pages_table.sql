-- A table over the pages and screens seen in one period. "value", "person", "source" and "limit" consist only of known names and
-- parameters. The bounce rate is that of the sessions that began on the page.
select value, count(distinct person), sum(views), count(distinct session_id),
       avg(is_bounce::integer) filter (where began)::double precision
from   (select {value}                                                  as value,
               {person}                                                 as person,
               s.session_id,
               count(*)                                                 as views,
               s.is_bounce,
               {value} is not distinct from {entry}                     as began
        from   {source}
        group by 1, 2, 3, 5, 6) counted
group by value
order by 2 desc, 3 desc, value collate "C" nulls last
limit  {limit}
