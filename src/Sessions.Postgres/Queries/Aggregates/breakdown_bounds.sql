-- From where to where a property's numbers reach, over all series: bounds is a select (low, high) for each.
select min(low)::numeric, max(high)::numeric
from   ({bounds}) bounded
