-- What people and programs read. Two layers: tracking.all_* shape the tables for the program itself, which names the
-- project in each query; analytics.* show a reader its own project and nothing else.

create view tracking.all_sessions as
select project,
       session_id,
       start_timestamp,
       end_timestamp,
       round(extract(epoch from end_timestamp - start_timestamp), 3) as session_duration,
       entry_current_url,
       entry_pathname,
       entry_hostname,
       exit_current_url,
       exit_pathname,
       exit_hostname,
       entry_utm_source,
       entry_utm_campaign,
       entry_utm_medium,
       entry_utm_term,
       entry_utm_content,
       entry_referring_domain,
       entry_gclid,
       entry_gad_source,
       entry_fbclid,
       entry_msclkid,
       entry_gclsrc,
       entry_dclid,
       entry_gbraid,
       entry_wbraid,
       entry_twclid,
       entry_li_fat_id,
       entry_mc_cid,
       entry_igshid,
       entry_ttclid,
       entry_epik,
       entry_qclid,
       entry_sccid,
       entry__kx,
       entry_irclid,
       pageview_count,
       autocapture_count,
       screen_count,
       event_count,
       unique_url_count,
       channel_type,
       is_bounce,
       last_external_click_url,
       distinct_id,
       device_id,
       device_type,
       browser,
       os,
       country,
       status,
       end_reason
from   tracking.sessions;

create view tracking.all_events as
select project,
       session_id,
       event_id,
       time as timestamp,
       received_at,
       event,
       distinct_id,
       device_id,
       window_id,
       properties ->> '$current_url' as current_url,
       coalesce(nullif(properties ->> '$pathname', ''), tracking.url_path(properties ->> '$current_url')) as pathname,
       -- The journal keeps nothing for an empty object.
       coalesce(properties, '{}') as properties,
       born
from   tracking.journal
where  kind in (0, 1);

-- A reader's project is then one value, known before a query begins, so that every filter of the reader can use the
-- indexes, which all begin with the project.
create unique index one_project_a_reader on tracking.readers (role_name);

create schema analytics;

-- security_barrier: a reader's own functions never get to see a row before the project's filter has let it through.
-- The role is the one that logged in; "set role" does not change it.
create view analytics.sessions with (security_barrier) as
select session_id,
       start_timestamp,
       end_timestamp,
       session_duration,
       entry_current_url,
       entry_pathname,
       entry_hostname,
       exit_current_url,
       exit_pathname,
       exit_hostname,
       entry_utm_source,
       entry_utm_campaign,
       entry_utm_medium,
       entry_utm_term,
       entry_utm_content,
       entry_referring_domain,
       entry_gclid,
       entry_gad_source,
       entry_fbclid,
       entry_msclkid,
       entry_gclsrc,
       entry_dclid,
       entry_gbraid,
       entry_wbraid,
       entry_twclid,
       entry_li_fat_id,
       entry_mc_cid,
       entry_igshid,
       entry_ttclid,
       entry_epik,
       entry_qclid,
       entry_sccid,
       entry__kx,
       entry_irclid,
       pageview_count,
       autocapture_count,
       screen_count,
       event_count,
       unique_url_count,
       channel_type,
       is_bounce,
       last_external_click_url,
       distinct_id,
       device_id,
       device_type,
       browser,
       os,
       country,
       status,
       end_reason
from   tracking.all_sessions
where  project = (select project from tracking.readers where role_name = session_user);

create view analytics.events with (security_barrier) as
select session_id,
       event_id,
       timestamp,
       received_at,
       event,
       distinct_id,
       device_id,
       window_id,
       current_url,
       pathname,
       properties
from   tracking.all_events
where  project = (select project from tracking.readers where role_name = session_user);

-- Makes, or brings up to date, the login role that sees one project's rows and can do nothing else. It is a function
-- because roles can't be parameters of statements; format() quotes. Safe to call again, and from several processes.
create function tracking.ensure_reader(of_project text, its_password text) returns name
language plpgsql
set password_encryption = 'scram-sha-256' as $$
declare
    reader name := 'sessions_reader_' || of_project;
begin
    if of_project is null or of_project !~ '^[a-z0-9_-]{1,40}$' then
        raise exception '% is no project id', of_project using errcode = 'invalid_parameter_value';
    end if;

    perform pg_advisory_xact_lock(hashtext('tracking.ensure_reader'));
    if not exists (select from pg_roles where rolname = reader) then
        execute format('create role %I nosuperuser nocreatedb nocreaterole noinherit', reader);
    end if;

    execute format('alter role %I login connection limit 50 password %L', reader, its_password);
    -- Guard rails for honest mistakes, which a session may lift for itself; what a reader must never do it has no
    -- rights for.
    execute format('alter role %I set default_transaction_read_only = on', reader);
    execute format('alter role %I set statement_timeout = %L', reader, '60s');
    execute format('alter role %I set idle_in_transaction_session_timeout = %L', reader, '60s');
    execute format('alter role %I set search_path = analytics', reader);

    -- What everybody may do in a new database, but a reader may not: make tables, temporary ones too.
    revoke create on schema public from public;
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant connect on database %I to %I', current_database(), reader);
    execute format('grant usage on schema analytics to %I', reader);
    execute format('grant select on analytics.sessions, analytics.events to %I', reader);

    insert into tracking.readers (role_name, project)
    values (reader, of_project)
    on conflict do nothing;
    return reader;
end $$;

revoke execute on function tracking.ensure_reader from public;

-- The keys that protect the pages' cookies and forms, shared by all gateways.
create table tracking.page_keys (
    name     text        primary key,
    xml      text        not null,
    added_at timestamptz not null default now()
);
