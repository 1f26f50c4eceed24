-- What the caller could call and should not be able to: empty where the server's administrator has revoked it.
select coalesce(array_agg(distinct p.proname::text), '{}')
from   pg_proc p
where  has_function_privilege(p.oid, 'execute')
  and  {dangerous}
