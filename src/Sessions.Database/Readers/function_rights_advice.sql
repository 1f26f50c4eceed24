-- The number of dangerous functions that readers may call, and the statements with which a superuser can revoke them.
-- No row when there are none.
select count(*)::integer,
       format('do $do$ declare f regprocedure; begin for f in select p.oid from pg_proc p where has_function_privilege(''public'', p.oid, ''execute'') and %s '
              'loop execute format(''revoke execute on function %%1$s from public; grant execute on function %%1$s to %%2$I'', f, %L); end loop; end $do$; '
              'grant set on parameter temp_file_limit to %I', $1::text, current_user, current_user),
       current_database()::text
from   pg_proc p
where  has_function_privilege('public', p.oid, 'execute')
  and  {dangerous}
having count(*) > 0
