-- The login roles with which the program itself answers people's SQL: one a project, and none of the readers that people
-- log in with, whose passwords the program does not know. Their names are unique on the server, where other databases
-- may have projects of the same name.
create table tracking.sql_readers (
    project   text primary key,
    role_name name not null unique,
    password  text not null
);

-- Makes, or brings up to date, that role. Safe to call again, and from several processes.
create function tracking.ensure_sql_reader(of_project text, out reader name, out its_password text)
language plpgsql
set password_encryption = 'scram-sha-256' as $$
begin
    if of_project is null or of_project !~ '^[a-z0-9_-]{1,40}$' then
        raise exception '% is no project id', of_project using errcode = 'invalid_parameter_value';
    end if;

    perform pg_advisory_xact_lock(hashtext('tracking.ensure_reader'));
    select role_name, password into reader, its_password from tracking.sql_readers where project = of_project;
    if not found then
        reader := 'sessions_sql_' || md5(current_database() || '/' || of_project);
        its_password := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
        insert into tracking.sql_readers (project, role_name, password) values (of_project, reader, its_password);
    end if;

    if not exists (select from pg_roles where rolname = reader) then
        execute format('create role %I nosuperuser nocreatedb nocreaterole noinherit', reader);
    end if;

    execute format('alter role %I login connection limit 20 password %L', reader, its_password);
    execute format('alter role %I set default_transaction_read_only = on', reader);
    execute format('alter role %I set idle_in_transaction_session_timeout = %L', reader, '60s');
    execute format('alter role %I set search_path = analytics', reader);
    execute format('alter role %I set timezone = %L', reader, 'UTC');
    begin
        -- Only where the server's administrator lets this program say so.
        execute format('alter role %I set temp_file_limit = %L', reader, '1GB');
    exception when insufficient_privilege then
        null;
    end;

    revoke create on schema public from public;
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant connect on database %I to %I', current_database(), reader);
    execute format('grant usage on schema analytics to %I', reader);
    execute format('grant select on all tables in schema analytics to %I', reader);

    insert into tracking.readers (role_name, project)
    values (reader, of_project)
    on conflict do nothing;
end $$;

revoke execute on function tracking.ensure_sql_reader from public;
