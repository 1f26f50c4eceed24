-- "table" is one of PersonTables.
delete from {table} where project = $1 and session_id = $2
