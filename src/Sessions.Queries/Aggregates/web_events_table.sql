-- A table over the events of one period. "source", "session", "person" and "limit" consist only of known names and parameters.
-- Persons are found once for each event and id of a session.
select value, sum(occurrences)::bigint, count(distinct session), count(distinct person)
from   (select e.event                                  as value,
               e.{session}                              as session,
               {person}                                 as person,
               count(*)                                 as occurrences
        from   {source}
        group by 1, 2, 3) counted
group by value
order by 2 desc, 3 desc, value collate "C"
limit  {limit}
