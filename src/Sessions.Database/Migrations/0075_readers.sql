-- A reader may change its own password and its own settings for good, and lift its session's limits; Postgres can't forbid
-- that. So the program puts back what was changed, and ends what goes on for too long (tracking.hold_readers).

-- The password as Postgres stores it (SCRAM): with it nobody can log in, but it can be set again. Null when it is not known.
alter table tracking.readers add column verifier text;

-- What a reader's sessions begin with. Those of the program's own readers have a time zone, and a limit of their own for
-- each query.
create function tracking.reader_settings(is_sql boolean) returns text[]
immutable language sql as $$
    select case when is_sql
           then array['TimeZone=UTC', 'default_transaction_read_only=on', 'idle_in_transaction_session_timeout=60s',
                      'search_path=analytics']
           else array['default_transaction_read_only=on', 'idle_in_transaction_session_timeout=60s', 'search_path=analytics',
                      'statement_timeout=60s']
           end
$$;

-- Changes a reader. One that is just changing itself, and takes its time, loses its connections: it must not keep others
-- waiting.
create function tracking.alter_reader(reader name, change text) returns void
language plpgsql
set lock_timeout = '3s' as $$
begin
    execute format('alter role %I %s', reader, change);
exception when lock_not_available then
    perform pg_terminate_backend(pid, 2000) from pg_stat_activity where usename = reader;
    execute format('alter role %I %s', reader, change);
end $$;

-- Gives a reader its settings and the limit of its connections.
create function tracking.hold_reader(reader name, connections integer) returns void
language plpgsql as $$
declare
    is_sql  boolean := exists (select from tracking.sql_readers where role_name = reader);
    setting text;
begin
    -- Who has a role's rights may see how long its sessions have been at work, and end them.
    if not pg_has_role(current_user, reader, 'member') then
        begin
            execute format('grant %I to current_user', reader);
        exception when insufficient_privilege then
            raise warning 'the program may not be made a member of the role %', reader;
        end;
    end if;

    perform tracking.alter_reader(reader, 'reset all');
    perform tracking.alter_reader(reader, format('in database %I reset all', current_database()));
    foreach setting in array tracking.reader_settings(is_sql) loop
        perform tracking.alter_reader(reader, format('set %s = %L', split_part(setting, '=', 1), split_part(setting, '=', 2)));
    end loop;

    perform tracking.alter_reader(reader, format('connection limit %s', connections));
    -- Only where the server's administrator lets this program say so.
    if has_parameter_privilege('temp_file_limit', 'set') then
        perform tracking.alter_reader(reader, 'set temp_file_limit = ''1GB''');
    end if;
end $$;

-- Puts back what readers changed, and ends what they do for longer than they may. Says what it found, a line each. One
-- process at a time is enough.
create function tracking.hold_readers(connections integer, longest interval) returns setof text
language plpgsql
set password_encryption = 'scram-sha-256' as $$
declare
    known record;
    ended integer;
begin
    perform from tracking.locks where name = 'readers' for update skip locked;
    if not found then
        return;
    end if;

    for known in
        select r.role_name, r.verifier, role.rolconnlimit,
               case when kind.is_sql then 20 else connections end as may,
               array(select setting
                     from   pg_db_role_setting s
                     cross  join unnest(s.setconfig) setting
                     where  s.setrole = role.oid
                     and    s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
                     and    split_part(setting, '=', 1) <> 'temp_file_limit'
                     order  by setting collate "C") as settings,
               array(select setting from unnest(tracking.reader_settings(kind.is_sql)) setting order by setting collate "C") as expected,
               has_parameter_privilege('temp_file_limit', 'set') and not exists (
                   select
                   from   pg_db_role_setting s
                   cross  join unnest(s.setconfig) setting
                   where  s.setrole = role.oid and s.setdatabase = 0 and split_part(setting, '=', 1) = 'temp_file_limit') as is_unlimited
        from   tracking.readers r
        join   pg_roles role on role.rolname = r.role_name
        cross  join lateral (select exists (select from tracking.sql_readers q where q.role_name = r.role_name) as is_sql) kind
    loop
        begin
            select count(*) filter (where pg_terminate_backend(pid))
            into   ended
            from   pg_stat_activity
            where  usename = known.role_name and xact_start < clock_timestamp() - longest;
            if ended > 0 then
                return next format('%s transactions of the reader %s were ended: they had gone on for longer than %s',
                                   ended, known.role_name, longest);
            end if;

            if known.settings <> known.expected or known.rolconnlimit <> known.may or known.is_unlimited then
                perform tracking.hold_reader(known.role_name, known.may);
            end if;

            if known.settings <> known.expected then
                return next format('The settings of the reader %s were changed; they are as before again', known.role_name);
            end if;

            if known.verifier is not null then
                perform tracking.alter_reader(known.role_name, format('password %L', known.verifier));
            end if;
        exception when insufficient_privilege or lock_not_available then
            return next format('The reader %s can''t be held to its limits: %s', known.role_name, sqlerrm);
        end;
    end loop;
end $$;

revoke execute on function tracking.alter_reader, tracking.hold_reader, tracking.hold_readers from public;

create or replace function tracking.ensure_reader(of_project text, its_password text) returns name
language plpgsql
set password_encryption = 'scram-sha-256' as $$
declare
    reader name := 'sessions_reader_' || of_project;
begin
    if of_project is null or of_project !~ '^[a-z0-9_-]{1,40}$' then
        raise exception '% is no project id', of_project using errcode = 'invalid_parameter_value';
    end if;

    perform from tracking.locks where name = 'readers' for update;
    if not exists (select from pg_roles where rolname = reader) then
        execute format('create role %I nosuperuser nocreatedb nocreaterole noinherit', reader);
    end if;

    perform tracking.alter_reader(reader, format('login password %L', its_password));
    perform tracking.hold_reader(reader, 10);

    -- What everybody may do in a new database, but a reader may not: make tables, temporary ones too.
    revoke create on schema public from public;
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant connect on database %I to %I', current_database(), reader);
    execute format('grant usage on schema analytics to %I', reader);
    execute format('grant select on all tables in schema analytics to %I', reader);

    insert into tracking.readers (role_name, project, verifier)
    values (reader, of_project, case when its_password like 'SCRAM-SHA-256$%' then its_password end)
    on conflict (role_name, project) do update set verifier = excluded.verifier;
    return reader;
end $$;

create or replace function tracking.ensure_sql_reader(of_project text, out reader name, out its_password text)
language plpgsql
set password_encryption = 'scram-sha-256' as $$
begin
    if of_project is null or of_project !~ '^[a-z0-9_-]{1,40}$' then
        raise exception '% is no project id', of_project using errcode = 'invalid_parameter_value';
    end if;

    perform from tracking.locks where name = 'readers' for update;
    select role_name, password into reader, its_password from tracking.sql_readers where project = of_project;
    if not found then
        reader := 'sessions_sql_' || md5(current_database() || '/' || of_project);
        its_password := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
        insert into tracking.sql_readers (project, role_name, password) values (of_project, reader, its_password);
    end if;

    if not exists (select from pg_roles where rolname = reader) then
        execute format('create role %I nosuperuser nocreatedb nocreaterole noinherit', reader);
    end if;

    perform tracking.alter_reader(reader, format('login password %L', its_password));
    perform tracking.hold_reader(reader, 20);

    revoke create on schema public from public;
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant connect on database %I to %I', current_database(), reader);
    execute format('grant usage on schema analytics to %I', reader);
    execute format('grant select on all tables in schema analytics to %I', reader);

    insert into tracking.readers (role_name, project)
    values (reader, of_project)
    on conflict do nothing;
end $$;
