-- The table over the events of one period, for a file of columns. "source", "session", "person" and "limit" consist only of known
-- names and parameters. Counting numbers takes less time than grouping them first.
select e.event as value, count(*) as occurrences, count_session_numbers_by_name(e.{session}) as sessions, count_numbers_by_name({person})
from   {source}
group by e.event
order by occurrences desc, sessions desc, e.event collate "C"
limit  {limit}
