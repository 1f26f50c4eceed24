-- All sessions of a range of time. "columns", "order" and "filters" consist only of known names and parameters.
select {columns}
from   tracking.all_sessions s
where  project = @project
  and  start_timestamp >= coalesce(@date_from, '-infinity')
  and  start_timestamp <  coalesce(@date_to, 'infinity')
  and  {filters}
order by {order}, session_id
