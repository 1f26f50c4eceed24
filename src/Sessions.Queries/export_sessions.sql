-- All sessions of a range of time. "columns", "range", "filters" and "order" consist only of known names and parameters.
select {columns}
from   {sessions} s
where  {range}
  and  {filters}
order by {order}, session_id
