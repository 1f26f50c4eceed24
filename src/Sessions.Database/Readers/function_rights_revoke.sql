-- The statements that revoke the dangerous functions from every role except this program's. Null when nothing is left
-- to revoke, or when the caller is not a superuser: only a superuser may run them.
select string_agg(
           format('revoke execute on function %1$s from public; grant execute on function %1$s to %2$I', p.oid::regprocedure, @program),
           '; ')
from   pg_proc p
where  (select rolsuper from pg_roles where rolname = current_user)
  and  has_function_privilege('public', p.oid, 'execute')
  and  {dangerous}
