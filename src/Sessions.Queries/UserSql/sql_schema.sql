-- The views that users' SQL may read, with their columns in order. The view of sessions comes first.
select table_name, column_name, data_type
from   information_schema.columns
where  table_schema = 'analytics'
order by table_name = 'sessions' desc, table_name, ordinal_position
