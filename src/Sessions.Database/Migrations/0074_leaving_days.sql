-- Locks that only the program can take. Everybody who may log in can take advisory locks, so whoever reads one project
-- could keep the program waiting for them.
create table tracking.locks (
    name text primary key
);

insert into tracking.locks (name) values ('page_keys'), ('partitions'), ('readers'), ('statistics');

-- Work that takes minutes and that one silo does at a time: it locks the table. A locked row would keep vacuum from what has
-- gone since.
create table tracking.turn_of_retention ();
create table tracking.turn_of_hours ();

-- Whether it is the caller's turn, to the end of its transaction.
create function tracking.try_turn(turn regclass) returns boolean
language plpgsql as $$
begin
    execute format('lock table %s in exclusive mode nowait', turn);
    return true;
exception when lock_not_available then
    return false;
end $$;

-- Whether an advisory lock can be had, to the end of the transaction, or is held by somebody who is not this program. For
-- builds that know nothing of tracking.locks and run beside this one.
create function tracking.try_advisory_xact_lock(key bigint) returns boolean
language sql as $$
    select pg_try_advisory_xact_lock(key) or not exists (
        select
        from   pg_locks l
        join   pg_stat_activity a using (pid)
        where  l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and    l.database = (select oid from pg_database where datname = current_database())
        and    (l.classid::bigint << 32) | l.objid::bigint = key
        and    a.usename = current_user)
$$;

-- Days that are about to go: a sweep has found that nobody keeps them any more. An hour later, when a sweep finds the same,
-- the day is detached; a day later it is dropped. A day that is to be kept after all comes back.
create table tracking.leaving_days (
    day         date        not null,
    project     text        not null, -- only what this project has of the day; empty when it is all of it
    agreed_at   timestamptz not null default now(),
    detached_at timestamptz,
    primary key (day, project)
);

-- The rows of a detached day's sessions, and of what was recorded of them.
create table tracking.leaving_sessions (
    day        date  not null,
    project    text  not null,
    session_id uuid  not null,
    session    jsonb not null,
    replay     jsonb,
    primary key (day, project, session_id)
);

-- Up to which day recordings are about to go.
create table tracking.leaving_replays (
    project   text        not null,
    before    date        not null,
    agreed_at timestamptz not null default now(),
    primary key (project, before)
);

-- A person who is deleted goes from days that are about to go, too: they might come back.
create function tracking.forget_in_leaving_days() returns trigger
language plpgsql as $$
declare
    part regclass;
begin
    for part in
        select to_regclass('tracking.journal_' || to_char(day, 'YYYYMMDD')) from tracking.leaving_days where detached_at is not null
    loop
        if part is not null then
            execute format('delete from %s where project = $1 and distinct_id = any ($2) and time <= $3', part)
            using old.project, old.ids, old.until;
        end if;
    end loop;

    delete from tracking.leaving_sessions
    where  project = old.project and session ->> 'distinct_id' = any (old.ids)
    and    (session ->> 'start_timestamp')::timestamptz <= old.until;
    return new;
end $$;

create trigger forget_in_leaving_days before update on tracking.person_deletions
for each row when (old.finished_at is null and new.finished_at is not null)
execute function tracking.forget_in_leaving_days();

create or replace function tracking.ensure_partitions(today date, days_ahead integer) returns void
language plpgsql as $$
declare
    day  date;
    part text;
begin
    perform from tracking.locks where name = 'partitions' for update;
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

create or replace function tracking.ensure_replay_partitions(today date, days_ahead integer) returns void
language plpgsql as $$
declare
    day  date;
    part text;
begin
    perform from tracking.locks where name = 'partitions' for update;
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

-- Drops the partitions of days before this one that hold nothing any more; they are named after their day. Whoever takes
-- the journal's days away takes those partitions too, so one of the two is at it at a time.
create or replace function tracking.drop_empty_replay_partitions(before date) returns void
language plpgsql
set lock_timeout = '2s' as $$
declare
    part name;
    used boolean;
begin
    if not tracking.try_turn('tracking.turn_of_retention') then
        return;
    end if;

    perform from tracking.locks where name = 'partitions' for update;
    for part in
        select c.relname
        from   pg_inherits i
        join   pg_class c on c.oid = i.inhrelid
        where  i.inhparent = 'tracking.replay_blocks'::regclass
        and    not i.inhdetachpending
        and    c.relname < 'replay_blocks_' || to_char(before, 'YYYYMMDD')
        order  by c.relname
    loop
        execute format('select exists (select from tracking.%I)', part) into used;
        if not used then
            execute format('drop table tracking.%I', part);
        end if;
    end loop;
end $$;

create or replace function tracking.analyze_grown() returns void
language plpgsql as $$
declare
    grown regclass;
begin
    perform from tracking.locks where name = 'statistics' for update skip locked;
    if not found then
        return;
    end if;

    for grown in
        select oid::regclass
        from   pg_class
        where  relkind = 'r'
          and  relnamespace in ('tracking'::regnamespace, 'orleans'::regnamespace)
          and  pg_relation_size(oid) > 4 * greatest(relpages, 16) * current_setting('block_size')::bigint
    loop
        execute format('analyze (skip_locked) %s', grown);
    end loop;
end $$;
