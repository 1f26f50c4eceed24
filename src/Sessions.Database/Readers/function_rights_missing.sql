-- The dangerous functions that the caller can call; empty if an administrator has revoked them.
select coalesce(array_agg(distinct p.proname::text), '{}')
from   pg_proc p
where  has_function_privilege(p.oid, 'execute')
  and  {dangerous}
