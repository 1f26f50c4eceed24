-- Persons: which ids are one, their deletion, and the log of what was done to a project.

-- Whose sessions these are. The column changes when somebody is identified, seldom more than once in a session, so
-- nearly all of a session's updates stay in place all the same.
create index sessions_by_distinct_id on tracking.sessions (project, distinct_id);

-- By which they go with their day.
create index identities_by_day on tracking.identities (born, project);

-- Who an anonymous id was identified as first; null when it is nobody's. The rules are those of tracking.persons_of.
create function tracking.identified_as(of_project text, of_id text) returns text
language sql stable parallel safe set search_path = pg_catalog as $$
    select f.distinct_id
    from   (
               select i.distinct_id, i.time, i.event_id
               from   tracking.identities i
               where  i.project = of_project and i.anonymous_id = of_id
               order  by i.time, i.event_id
               limit  1
           ) f
    where  not exists (
               select from tracking.identities i
               where  i.project = of_project and i.distinct_id = of_id and (i.time, i.event_id) < (f.time, f.event_id))
$$;

-- All ids of the person that has this one. The same as persons_of says, for one person, by the indexes.
create function tracking.ids_of_person(of_project text, of_id text) returns table (distinct_id text)
language sql stable parallel safe set search_path = pg_catalog as $$
    with recursive up as (
        select of_id as id
        union
        select tracking.identified_as(of_project, u.id) from up u where tracking.identified_as(of_project, u.id) is not null
    ), down as (
        select u.id from up u where tracking.identified_as(of_project, u.id) is null
        union
        select i.anonymous_id
        from   down d
        join   tracking.identities i on i.project = of_project and i.distinct_id = d.id
        where  tracking.identified_as(of_project, i.anonymous_id) = d.id
    )
    select d.id from down d
$$;

-- The key of the marks by which persons are told apart where their ids must not stand.
create table tracking.person_key (
    one boolean primary key default true check (one),
    key bytea   not null check (octet_length(key) = 32)
);

insert into tracking.person_key (key)
values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- The deletions of persons. A row is all that is needed to go on with one after a crash; the ids go from it at the end,
-- and what is left of an updated row is vacuumed soon.
create table tracking.person_deletions (
    id           uuid        primary key,
    project      text        not null,
    until        timestamptz not null,  -- what happened up to then is deleted
    person       bytea       not null,  -- the mark of the id that was asked for
    ids          text[],                -- of the person; null once it is done
    device_keys  text[]      not null default '{}', -- of the devices that had anything of theirs; empty once it is done
    shared       uuid[]      not null default '{}', -- sessions that others have events in, and that go on without them
    read_from    date,                  -- the journal has been read from this day on
    leased_until timestamptz not null default '-infinity', -- a silo is at it
    sessions     integer     not null default 0,
    events       bigint      not null default 0,
    replays      integer     not null default 0,
    finished_at  timestamptz,
    check ((ids is null) = (finished_at is not null))
) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, fillfactor = 50);

create index person_deletions_open       on tracking.person_deletions (until) where finished_at is null;
create index person_deletions_by_project on tracking.person_deletions (project, until, id);

-- Whose events are refused when they come again: those up to "until". Each change of this table raises the generation
-- in the same transaction, and what is written to the journal by an older one is refused: the row is the lock that
-- makes generations commit in their order.
create table tracking.forgotten_generation (
    one        boolean primary key default true check (one),
    generation bigint  not null
) with (fillfactor = 10);

insert into tracking.forgotten_generation (generation) values (0);

create table tracking.forgotten_ids (
    project    text        not null,
    mark       bytea       not null,
    until      timestamptz not null,
    generation bigint      not null,
    primary key (project, mark)
);

create index forgotten_ids_by_generation on tracking.forgotten_ids (generation);

create function tracking.check_forgotten(known bigint) returns void
language plpgsql as $$
begin
    if (select generation from tracking.forgotten_generation) > known then
        raise exception 'persons have been forgotten in the meantime' using errcode = 'SE002';
    end if;
end $$;

-- Sessions that were forgotten whole. One that comes again, with what happened later, goes on with its numbers where
-- they ended, so that an activation that knows nothing of it can't write what it still remembers.
create table tracking.forgotten_sessions (
    project      text        not null,
    session_id   uuid        not null,
    number       integer     not null,
    born         date        not null,
    forgotten_at timestamptz not null default now(),
    primary key (project, session_id)
);

create index forgotten_sessions_by_age on tracking.forgotten_sessions (forgotten_at);

create function tracking.check_forgotten_sessions(projects text[], session_ids uuid[], numbers integer[]) returns void
language plpgsql as $$
begin
    if exists (
        select
        from   unnest(projects, session_ids, numbers) as asked (project, session_id, number)
        join   tracking.forgotten_sessions f on f.project = asked.project and f.session_id = asked.session_id
        where  f.number >= asked.number)
    then
        raise exception 'the session has been forgotten in the meantime' using errcode = 'SE003';
    end if;
end $$;

-- The one place for what is computed from sessions ahead of being asked for: it is called in the transaction that takes
-- a session away, or events out of it, with the times that the session had. Later migrations replace its body.
create function tracking.session_forgotten(
    of_project text, of_session uuid, started timestamptz, ended timestamptz) returns void
language sql as $$ select $$;

-- What was done to a project, and by whom. Rows are added, and told how it ended; they hold no person's id.
create table tracking.audit (
    id        bigint      generated always as identity primary key,
    project   text        not null,
    at        timestamptz not null default now(),
    actor     text        not null,  -- what people call the key
    actor_key uuid,                  -- the key; null for the configured one and for the server itself
    way       text        not null check (way in ('api', 'page', 'server')),
    action    text        not null,
    subject   text,
    detail    jsonb,
    result    text        not null check (result in ('begun', 'done', 'refused', 'failed'))
);

create index audit_by_project on tracking.audit (project, id);
create index audit_by_age     on tracking.audit (at);
