-- The values of a breakdown with the most rows over all series. "weights" is a select (value, weight) for each
-- series, "limit" a parameter.
select value
from   ({weights}) weighed
group by value
order by sum(weight) desc, value nulls last
limit  {limit}
