-- How many sessions a list has. "sessions" and "conditions" consist only of known names and parameters.
select count(*)
from   {sessions} s
where  {conditions}
