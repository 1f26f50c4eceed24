-- A page of a project's sessions. "columns", "order", "after" and "filters" consist only of known column names and
-- parameters. Ties go by id. Missing values come last in both directions.
select {columns}
from   tracking.all_sessions s
where  project = @project
  and  start_timestamp >= coalesce(@date_from, '-infinity')
  and  start_timestamp <  coalesce(@date_to, 'infinity')
  and  {filters}
  and  {after}
order by {order}, session_id
limit  @limit
