-- A table over the sessions of one period. "value", "person", "source" and "limit" consist only of known names and parameters.
select value, count(distinct person), sum(views), count(*), avg(is_bounce::integer)::double precision
from   (select {value}                                  as value,
               {person}                                 as person,
               s.pageview_count + s.screen_count        as views,
               s.is_bounce
        from   {source}) counted
group by value
order by 2 desc, 3 desc, value collate "C" nulls last
limit  {limit}
