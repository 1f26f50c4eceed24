-- The lowest and the highest number of a property over all series. "bounds" is a select (low, high) for each series.
select min(low), max(high)
from   ({bounds}) bounded
