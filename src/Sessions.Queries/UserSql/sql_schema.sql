-- The views that users' SQL may read, with their columns in order. The view of sessions comes first. Not from information_schema,
-- which looks at the columns of every partition.
select c.relname, a.attname, format_type(a.atttypid, null)
from   pg_class c
join   pg_attribute a on a.attrelid = c.oid
where  c.relnamespace = 'analytics'::regnamespace and a.attnum > 0 and not a.attisdropped and has_table_privilege(c.oid, 'select')
order by c.relname = 'sessions' desc, c.relname, a.attnum
