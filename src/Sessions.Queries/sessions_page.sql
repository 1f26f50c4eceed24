-- A page of a project's sessions. "columns", "conditions", "order" and "limit" consist only of known column names and
-- parameters. Ties go by id. Missing values come last in both directions.
select {columns}
from   tracking.all_sessions s
where  {conditions}
order by {order}, session_id
limit  {limit}
