-- The lowest and the highest number of a property over all series. "bounds" is a select (low, high) for each series.
select min(low)::numeric, max(high)::numeric
from   ({bounds}) bounded
