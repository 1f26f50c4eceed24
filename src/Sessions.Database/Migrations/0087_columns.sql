-- What the process that holds sessions and events by columns needs in order to catch up: which transaction wrote an entry of
-- the journal, and what changed without an entry.

-- Null for entries from before this. In two steps, because the first with a default would write the whole table anew. Earlier
-- builds name their columns, so their entries get the default.
alter table tracking.journal add column xact xid8;
alter table tracking.journal alter column xact set default pg_current_xact_id();

-- Days that are detached may come back, and need the same columns then.
do $$
declare
    day regclass;
begin
    for day in
        select c.oid
        from   pg_class c
        where  c.relnamespace = 'tracking'::regnamespace and c.relkind = 'r' and c.relname ~ '^journal_\d{8}$'
        and    not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'xact' and not a.attisdropped)
    loop
        execute format('alter table %s add column xact xid8', day);
        execute format('alter table %s alter column xact set default pg_current_xact_id()', day);
    end loop;
end $$;

-- BRIN has no operators for xid8. A number has the same order.
create function tracking.xact_number(xact xid8) returns bigint
language sql immutable strict parallel safe as $$ select xact::text::bigint $$;

-- The newest entries lie at the table's end. Ranges that are not summarized yet are always read, so they are small.
create index journal_by_xact on tracking.journal using brin (tracking.xact_number(xact))
with (pages_per_range = 32, autosummarize = on);

-- The view has these two columns for the program alone; readers don't see them.
create or replace view tracking.all_events as
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
       coalesce(
           nullif(properties ->> '$pathname', ''),
           tracking.url_path(properties ->> '$current_url'),
           case when event = '$screen' and coalesce(properties ->> '$current_url', '') in ('', 'null')
                then nullif(nullif(properties ->> '$screen_name', ''), 'null')
           end) as pathname,
       -- The journal keeps nothing for an empty object.
       coalesce(properties, '{}') as properties,
       born,
       coalesce(sender_order, 0) as sender_order,
       xact
from   tracking.journal
where  kind in (0, 1);

-- Sessions that changed without an entry: entries or rows were removed, or a row was written again under the same number.
-- Transactions only add rows, so they don't wait for each other's locks. The silo removes old rows, and "changes_removed" has the
-- last transaction whose rows it removed.
create table tracking.changes (
    project    text        not null,
    session_id uuid        not null,
    xact       xid8        not null default pg_current_xact_id(),
    at         timestamptz not null default now()
);

create index changes_by_project on tracking.changes (project, xact, session_id);
create index changes_by_age     on tracking.changes (at);

create table tracking.changes_removed (
    one  boolean primary key default true check (one),
    xact xid8    not null
);

insert into tracking.changes_removed (xact) values ('0');

-- A project that is deleted leaves as a whole, with its row.
create function tracking.add_change(of_project text, of_session uuid) returns void
language sql as $$
    insert into tracking.changes (project, session_id)
    select of_project, of_session
    where  not exists (
               select from tracking.changes c
               where  c.project = of_project and c.session_id = of_session and c.xact = pg_current_xact_id())
    and    not exists (select from tracking.projects p where p.project = of_project and p.deleting_at is not null)
$$;

create function tracking.mark_change_of_old() returns trigger
language plpgsql as $$
begin
    perform tracking.add_change(old.project, old.session_id);
    return null;
end $$;

create function tracking.mark_change_of_new() returns trigger
language plpgsql as $$
begin
    perform tracking.add_change(new.project, new.session_id);
    return null;
end $$;

create trigger mark_change_delete after delete on tracking.journal
    for each row execute function tracking.mark_change_of_old();

create trigger mark_change_delete after delete on tracking.sessions
    for each row execute function tracking.mark_change_of_old();

-- A row whose number rises follows entries of the journal, which say that it is to be read again.
create trigger mark_change_update after update on tracking.sessions
    for each row when (new.number <= old.number) execute function tracking.mark_change_of_old();

-- A session of a day that comes back.
create trigger mark_change_insert after insert on tracking.sessions
    for each row when (new.born < (now() at time zone 'utc')::date - 1) execute function tracking.mark_change_of_new();

create trigger mark_change_delete after delete on tracking.replays
    for each row execute function tracking.mark_change_of_old();

-- A recording's row is nearly always written with its session's. Only when it is not, it has to be said.
create function tracking.mark_change_of_replay() returns trigger
language plpgsql as $$
begin
    if exists (
        select
        from   tracking.sessions s
        where  s.project = new.project and s.session_id = new.session_id and s.number >= new.number
        and    s.xmin <> pg_current_xact_id()::xid)
    then
        perform tracking.add_change(new.project, new.session_id);
    end if;
    return null;
end $$;

create trigger mark_change_write after insert or update on tracking.replays
    for each row execute function tracking.mark_change_of_replay();

-- Removes marks that are older than some time.
create function tracking.remove_old_changes(older_than interval) returns void
language sql as $$
    with gone as (
        delete from tracking.changes where at < now() - older_than returning xact
    ), last as (
        select xact from gone order by xact desc limit 1
    )
    update tracking.changes_removed r set xact = last.xact from last where last.xact > r.xact
$$;

-- The same as persons_of says, for persons all of whose ids are given.
create function tracking.persons_among(of_project text, ids text[]) returns table (distinct_id text, person text)
language sql stable parallel safe
set search_path = pg_catalog as $$
    with said as materialized (
        select i.anonymous_id, i.distinct_id, i.kind, i.arrived
        from   tracking.identities i
        where  i.project = of_project and i.anonymous_id = any (ids)
        union
        select i.anonymous_id, i.distinct_id, i.kind, i.arrived
        from   tracking.identities i
        where  i.project = of_project and i.distinct_id = any (ids)
    ), firsts as (
        select id, min(arrived) as arrived
        from   (select anonymous_id as id, arrived from said union all select distinct_id, arrived from said) sides
        group  by id
    ), links as materialized (
        select s.anonymous_id, s.distinct_id
        from   said s
        join   firsts f on f.id = s.anonymous_id and f.arrived = s.arrived
        where  s.kind <> 2 and s.anonymous_id <> s.distinct_id and s.anonymous_id = any (ids)
    ), followed as (
        select l.anonymous_id as one, l.distinct_id as other
        from   links l
        where  exists (select from links beyond where beyond.anonymous_id = l.distinct_id)
        union  all
        select l.anonymous_id, l.distinct_id
        from   links l
        where  exists (select from links before where before.distinct_id = l.anonymous_id)
        union  all
        select l.anonymous_id, l.distinct_id
        from   links l
        where  l.anonymous_id in (
                   select anonymous_id from said where kind = 2 union select distinct_id from said where kind = 2)
        union  all
        select s.anonymous_id, s.distinct_id from said s where s.kind = 2
    ), joined as materialized (
        select j.id, j.person
        from   (select array_agg(f.one) as ones, array_agg(f.other) as others from followed f) pairs
        cross  join lateral tracking.joined(pairs.ones, pairs.others) j
    )
    select l.anonymous_id, coalesce(j.person, l.distinct_id)
    from   links l
    left   join joined j on j.id = l.distinct_id
    where  l.anonymous_id is distinct from j.person
    union  all
    select j.id, j.person
    from   joined j
    where  j.id <> j.person and not exists (select from links l where l.anonymous_id = j.id)
$$;

-- The processes that hold copies of sessions and events in files. Each keeps its row alive.
create table tracking.copy_holders (
    holder  uuid        primary key,
    name    text        not null,
    seen_at timestamptz not null default now()
);

-- Their files. "clean_from": the file was written anew from a state that has all transactions before this one, so it has no
-- byte of what they removed.
create table tracking.copies (
    project    text not null,
    holder     uuid not null references tracking.copy_holders on delete cascade,
    clean_from xid8 not null,
    primary key (project, holder)
);

-- The transaction after which nothing of the person is left here. The deletion is done when every copy was written anew
-- since. Null until then, and in deletions that an earlier build finished.
alter table tracking.person_deletions add column removed_in xid8;

revoke execute on function tracking.add_change, tracking.remove_old_changes, tracking.persons_among from public;
