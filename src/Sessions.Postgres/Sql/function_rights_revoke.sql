-- The statements that leave what only harms in a reader's hand to this program's role; null when nothing is left to do
-- or the caller is no superuser, which alone may say so.
select string_agg(
           format('revoke execute on function %1$s from public; grant execute on function %1$s to %2$I', p.oid::regprocedure, @program),
           '; ')
from   pg_proc p
where  (select rolsuper from pg_roles where rolname = current_user)
  and  has_function_privilege('public', p.oid, 'execute')
  and  {dangerous}
