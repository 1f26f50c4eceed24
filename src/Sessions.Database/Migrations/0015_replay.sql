-- What is recorded of sessions. The journal's kinds 3 (the summary of a replay block) and 4 (the replay is forgotten
-- up to here) belong to it.

-- A block is written before its summary is journalled, and counts from then on. It is partitioned by the server day on
-- which it was written, so that old days go as a whole. Its id is made of its event's id and its content: the same
-- block sent again is the same row. The bytes are compressed already.
create table tracking.replay_blocks (
    project    text        not null,
    session_id uuid        not null,
    block_id   uuid        not null,
    born       date        not null,
    stored_at  timestamptz not null,
    window_id  text        not null,
    plain_size integer     not null,
    data       bytea       not null,
    primary key (project, session_id, block_id, born)
) partition by range (born);

alter table tracking.replay_blocks alter column data set storage external;

-- One row a session that has, or had, a replay: what the fold of its journal up to "number" says of it. The times are
-- null once it is forgotten.
create table tracking.replays (
    project              text    not null,
    session_id           uuid    not null,
    number               integer not null,
    start_timestamp      timestamptz,
    end_timestamp        timestamptz check (end_timestamp >= start_timestamp),
    click_count          integer,
    keypress_count       integer,
    mouse_activity_count integer,
    active_ms            bigint,
    console_log_count    integer,
    console_warn_count   integer,
    console_error_count  integer,
    event_count          bigint,
    block_count          bigint,
    bytes                bigint,
    first_url            text,
    source               text,
    library              text,
    primary key (project, session_id)
) with (fillfactor = 70);

-- The same for the blocks as for the journal: partitions from yesterday to some days ahead.
create function tracking.ensure_replay_partitions(today date, days_ahead integer) returns void
language plpgsql as $$
declare
    day  date;
    part text;
begin
    perform pg_advisory_xact_lock(hashtext('tracking.ensure_replay_partitions'));
    for day in select generate_series(today - 1, today + days_ahead, interval '1 day')::date loop
        part := 'replay_blocks_' || to_char(day, 'YYYYMMDD');
        if to_regclass('tracking.' || part) is null then
            execute format(
                'create table tracking.%I (like tracking.replay_blocks including defaults including constraints including storage)',
                part);
            execute format(
                'alter table tracking.replay_blocks attach partition tracking.%I for values from (%L) to (%L)',
                part, day, day + 1);
        end if;
    end loop;
end $$;

-- Drops the partitions of days before this one that hold nothing any more; they are named after their day.
create function tracking.drop_empty_replay_partitions(before date) returns void
language plpgsql
set lock_timeout = '2s' as $$
declare
    part name;
    used boolean;
begin
    perform pg_advisory_xact_lock(hashtext('tracking.ensure_replay_partitions'));
    for part in
        select c.relname
        from   pg_inherits i
        join   pg_class c on c.oid = i.inhrelid
        where  i.inhparent = 'tracking.replay_blocks'::regclass
        and    c.relname < 'replay_blocks_' || to_char(before, 'YYYYMMDD')
        order  by c.relname
    loop
        execute format('select exists (select from tracking.%I)', part) into used;
        if not used then
            execute format('drop table tracking.%I', part);
        end if;
    end loop;
end $$;

create or replace view tracking.all_sessions as
select s.project,
       s.session_id,
       s.start_timestamp,
       s.end_timestamp,
       round(extract(epoch from s.end_timestamp - s.start_timestamp), 3) as session_duration,
       s.entry_current_url,
       s.entry_pathname,
       s.entry_hostname,
       s.exit_current_url,
       s.exit_pathname,
       s.exit_hostname,
       s.entry_utm_source,
       s.entry_utm_campaign,
       s.entry_utm_medium,
       s.entry_utm_term,
       s.entry_utm_content,
       s.entry_referring_domain,
       s.entry_gclid,
       s.entry_gad_source,
       s.entry_fbclid,
       s.entry_msclkid,
       s.entry_gclsrc,
       s.entry_dclid,
       s.entry_gbraid,
       s.entry_wbraid,
       s.entry_twclid,
       s.entry_li_fat_id,
       s.entry_mc_cid,
       s.entry_igshid,
       s.entry_ttclid,
       s.entry_epik,
       s.entry_qclid,
       s.entry_sccid,
       s.entry__kx,
       s.entry_irclid,
       s.pageview_count,
       s.autocapture_count,
       s.screen_count,
       s.event_count,
       s.unique_url_count,
       s.channel_type,
       s.is_bounce,
       s.last_external_click_url,
       s.distinct_id,
       s.device_id,
       s.device_type,
       s.browser,
       s.os,
       s.country,
       s.status,
       s.end_reason,
       r.start_timestamp is not null as has_replay,
       r.start_timestamp as replay_start,
       round(extract(epoch from r.end_timestamp - r.start_timestamp), 3) as replay_duration,
       r.click_count as replay_click_count,
       r.keypress_count as replay_keypress_count,
       r.mouse_activity_count as replay_mouse_activity_count,
       round(r.active_ms / 1000.0, 3) as replay_active_seconds,
       r.console_log_count as replay_console_log_count,
       r.console_warn_count as replay_console_warn_count,
       r.console_error_count as replay_console_error_count
from   tracking.sessions s
left join tracking.replays r on r.project = s.project and r.session_id = s.session_id;

create or replace view analytics.sessions with (security_barrier) as
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
       end_reason,
       has_replay,
       replay_start,
       replay_duration,
       replay_click_count,
       replay_keypress_count,
       replay_mouse_activity_count,
       replay_active_seconds,
       replay_console_log_count,
       replay_console_warn_count,
       replay_console_error_count
from   tracking.all_sessions
where  project = (select project from tracking.readers where role_name = session_user);

create view tracking.all_session_replays as
select r.project,
       r.session_id,
       s.distinct_id,
       r.start_timestamp,
       r.end_timestamp,
       round(extract(epoch from r.end_timestamp - r.start_timestamp), 3) as duration,
       round(r.active_ms / 1000.0, 3) as active_seconds,
       r.click_count,
       r.keypress_count,
       r.mouse_activity_count,
       r.console_log_count,
       r.console_warn_count,
       r.console_error_count,
       r.event_count,
       r.block_count,
       r.bytes,
       r.first_url,
       r.source,
       r.library
from   tracking.replays r
join   tracking.sessions s on s.project = r.project and s.session_id = r.session_id
where  r.start_timestamp is not null;

create view analytics.session_replays with (security_barrier) as
select session_id,
       distinct_id,
       start_timestamp,
       end_timestamp,
       duration,
       active_seconds,
       click_count,
       keypress_count,
       mouse_activity_count,
       console_log_count,
       console_warn_count,
       console_error_count,
       event_count,
       block_count,
       bytes,
       first_url,
       source,
       library
from   tracking.all_session_replays
where  project = (select project from tracking.readers where role_name = session_user);

-- A reader may read every view of its schema: those that came since it was made, too.
create or replace function tracking.ensure_reader(of_project text, its_password text) returns name
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
    execute format('grant select on all tables in schema analytics to %I', reader);

    insert into tracking.readers (role_name, project)
    values (reader, of_project)
    on conflict do nothing;
    return reader;
end $$;

do $$
declare
    reader name;
begin
    for reader in select role_name from tracking.readers join pg_roles on rolname = role_name loop
        execute format('grant select on analytics.session_replays to %I', reader);
    end loop;
end $$;
