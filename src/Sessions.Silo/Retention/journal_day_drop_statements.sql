select array(
    select format('drop table if exists %s', oid::regclass)
    from   pg_class
    where  relnamespace = 'tracking'::regnamespace
    and    relkind = 'r'
    and    relname ~ ('^[a-z_]+_' || to_char($1::date, 'YYYYMMDD') || '$'))
