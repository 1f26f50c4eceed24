-- "table", "column" and the time column come from PersonTables. Deletes a limited number of rows at a time.
delete from {table}
where  ctid = any (array(
           select ctid from {table} where project = $1 and {column} = any($2::text[]) and {time} <= $3 limit 5000))
