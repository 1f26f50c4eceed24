-- How many sessions a list has. "filters" consists only of known column names and parameters.
select count(*)
from   tracking.all_sessions s
where  project = @project
  and  start_timestamp >= coalesce(@date_from, '-infinity')
  and  start_timestamp <  coalesce(@date_to, 'infinity')
  and  {filters}
