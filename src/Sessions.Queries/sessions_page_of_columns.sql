-- The same page from DuckDB. It reads the many columns only for the rows of the page.
select {columns}
from   sessions
where  rowid in (
           select s.rowid
           from   sessions s
           where  {conditions}
           order by {order}, session_id
           limit  {limit})
order by {order}, session_id
