-- What the event path writes. Readers never touch these tables: they use the views of schema analytics.
create schema tracking;

create table tracking.projects (
    project        text primary key check (project ~ '^[a-z0-9_-]{1,40}$'),
    token          text not null unique,
    api_key_sha256 bytea not null,
    created_at     timestamptz not null default now()
);

-- Which login role sees which project's rows through the views.
create table tracking.readers (
    role_name name not null,
    project   text not null,
    primary key (role_name, project)
);

-- An activation of a device's grain raises the epoch before it reads its sessions; whatever an older activation
-- still wants to open then fails.
create table tracking.devices (
    project    text   not null,
    device_key text   not null,
    epoch      bigint not null,
    handed_to  text,  -- the device that got this one's session when its person was identified
    primary key (project, device_key)
) with (fillfactor = 80);

-- One row a session: its properties, and the state of its fold up to the journal entry "number" (the checkpoint).
-- Checkpoints are frequent, so no index covers a column that changes while the session is live (updates stay in
-- place: HOT), and pages keep room.
create table tracking.sessions (
    project                text        not null,
    session_id             uuid        not null,
    device_key             text        not null,
    born                   date        not null,
    number                 integer     not null check (number >= 1),
    fold_version           smallint    not null,
    fold                   bytea       not null,
    status                 text        not null check (status in ('live', 'ended')),
    end_reason             text        check ((end_reason is null) = (status = 'live')),
    start_timestamp        timestamptz not null,
    end_timestamp          timestamptz not null check (end_timestamp >= start_timestamp),
    distinct_id            text        not null,
    device_id              text,
    entry_current_url      text,
    entry_pathname         text,
    entry_hostname         text,
    exit_current_url       text,
    exit_pathname          text,
    exit_hostname          text,
    entry_utm_source       text,
    entry_utm_campaign     text,
    entry_utm_medium       text,
    entry_utm_term         text,
    entry_utm_content      text,
    entry_referring_domain text,
    entry_gclid            text,
    entry_gad_source       text,
    entry_fbclid           text,
    entry_msclkid          text,
    entry_gclsrc           text,
    entry_dclid            text,
    entry_gbraid           text,
    entry_wbraid           text,
    entry_twclid           text,
    entry_li_fat_id        text,
    entry_mc_cid           text,
    entry_igshid           text,
    entry_ttclid           text,
    entry_epik             text,
    entry_qclid            text,
    entry_sccid            text,
    entry__kx              text,
    entry_irclid           text,
    pageview_count         integer     not null,
    autocapture_count      integer     not null,
    screen_count           integer     not null,
    event_count            integer     not null,
    unique_url_count       integer     not null,
    channel_type           text,
    is_bounce              boolean,
    last_external_click_url text,
    device_type            text,
    browser                text,
    os                     text,
    country                text,
    primary key (project, session_id)
) with (fillfactor = 70);

create index sessions_by_start  on tracking.sessions (project, start_timestamp, session_id);
create index sessions_by_device on tracking.sessions (project, device_key, start_timestamp);
-- Who is on now. A session enters and leaves it once, so it stays small and costs no in-place update.
create index sessions_live      on tracking.sessions (project, device_key, session_id) where status = 'live';

-- What each session took, numbered in the order it took it. The key makes one of two activations of a session win.
-- It is partitioned by the server day on which the session was born, so what belongs to one session lies in one
-- partition and an old day goes as a whole.
create table tracking.journal (
    project     text        not null,
    session_id  uuid        not null,
    number      integer     not null,
    born        date        not null,
    kind        smallint    not null, -- 0 an event that names this session, 1 an event placed here by the server, 2 an end
    event_id    uuid        not null,
    time        timestamptz not null, -- of an end: nothing later joins the session without naming it
    received_at timestamptz not null,
    event       text        not null, -- of an end: its reason
    distinct_id text        not null,
    device_id   text,
    window_id   text,
    device_key  text, -- of the device that took it, when it is not the one that the ids before name
    properties  jsonb,
    primary key (project, session_id, number, born) include (event_id)
) partition by range (born);

create index journal_by_time on tracking.journal using brin (time, received_at);

-- Up to when each silo has brought its sessions' rows up to date. A row that is not renewed is a silo that died.
create table tracking.checkpoints (
    silo       text        primary key,
    done_until timestamptz not null
);

-- Makes the partitions from yesterday to some days ahead. Safe to call at any time and from several processes:
-- concurrent callers wait for each other.
create function tracking.ensure_partitions(today date, days_ahead integer) returns void
language plpgsql as $$
declare
    day  date;
    part text;
begin
    perform pg_advisory_xact_lock(hashtext('tracking.ensure_partitions'));
    for day in select generate_series(today - 1, today + days_ahead, interval '1 day')::date loop
        part := 'journal_' || to_char(day, 'YYYYMMDD');
        if to_regclass('tracking.' || part) is null then
            -- Attached after it was made: attaching takes a weaker lock on the parent than "partition of" does.
            execute format('create table tracking.%I (like tracking.journal including defaults including constraints)', part);
            execute format(
                'alter table tracking.journal attach partition tracking.%I for values from (%L) to (%L)', part, day, day + 1);
        end if;
    end loop;
end $$;

-- Refuses the transaction of a device's activation that a newer one has replaced. The share lock keeps the epoch
-- where it is until this transaction has ended.
create function tracking.check_epochs(projects text[], device_keys text[], epochs bigint[]) returns void
language plpgsql as $$
declare
    stale text;
begin
    select asked.device_key into stale
    from unnest(projects, device_keys, epochs) as asked (project, device_key, epoch)
    left join (
        select project, device_key, epoch from tracking.devices
        where (project, device_key) in (select * from unnest(projects, device_keys))
        for share
    ) as known using (project, device_key)
    where known.epoch is distinct from asked.epoch
    limit 1;
    if found then
        raise exception 'a newer activation of the device has taken over' using errcode = 'SE001';
    end if;
end $$;

-- The path of a URL, without query and fragment; null when the text is no absolute URL.
create function tracking.url_path(url text) returns text
language sql immutable strict parallel safe as $$
    select case when url ~ '^[A-Za-z][A-Za-z0-9+.-]*://'
                then coalesce(nullif(substring(url from '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*([^?#]*)'), ''), '/')
           end
$$;
