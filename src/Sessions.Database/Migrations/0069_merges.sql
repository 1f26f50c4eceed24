-- Who is whom is decided by what was known when an event arrived, not by the time that its sender says. Besides $identify,
-- $create_alias and $merge_dangerously say it.

-- What events have said so far, and when the server received them. It is read before anything is locked.
create table tracking.said_before as
select j.project,
       left(tracking.trimmed_id(j.properties ->> case j.event when '$identify' then '$anon_distinct_id' else 'alias' end), 200) as other_id,
       j.distinct_id,
       j.time,
       j.event_id,
       j.born,
       j.received_at,
       (case j.event when '$identify' then 0 when '$create_alias' then 1 else 2 end)::smallint as kind,
       pg_snapshot_xmin(pg_current_snapshot())                                                 as read_at
from   tracking.journal j
where  j.event in ('$identify', '$create_alias', '$merge_dangerously') and j.kind in (0, 1);

-- In the order in which writers take them.
lock table tracking.journal in share row exclusive mode;
lock table tracking.identities in access exclusive mode;

alter table tracking.identities
    add column kind        smallint not null default 0 check (kind between 0 and 2), -- 0 identify, 1 alias, 2 merge dangerously
    add column received_at timestamptz,
    -- The order of arrival, by nobody's clock.
    add column arrived     bigint;

-- What an older program has merged by ids that name nobody was never true.
delete from tracking.identities where tracking.names_nobody(anonymous_id) or tracking.names_nobody(distinct_id);

update tracking.identities i
set    received_at = s.received_at
from   tracking.said_before s
where  s.project = i.project and s.event_id = i.event_id and s.born = i.born and s.kind = 0 and s.distinct_id = i.distinct_id;

-- Those that came while the journal was read.
update tracking.identities i
set    received_at = now()
where  i.received_at is null and i.written_in >= (select max(read_at) from tracking.said_before);

insert into tracking.identities (project, anonymous_id, distinct_id, time, event_id, born, kind, received_at)
select project, other_id, distinct_id, time, event_id, born, kind, received_at
from   tracking.said_before
where  kind <> 0 and other_id <> distinct_id and not tracking.names_nobody(other_id) and not tracking.names_nobody(distinct_id);

-- Who was identified without an anonymous id. A row with twice the same id says so.
insert into tracking.identities (project, anonymous_id, distinct_id, time, event_id, born, kind, received_at)
select distinct on (s.project, s.distinct_id)
       s.project, s.distinct_id, s.distinct_id, s.time, s.event_id, s.born, 0, s.received_at
from   tracking.said_before s
where  s.kind = 0 and coalesce(tracking.names_nobody(s.other_id), true) and not tracking.names_nobody(s.distinct_id)
order  by s.project, s.distinct_id, s.received_at;

drop table tracking.said_before;

with ordered as (
    select ctid as row, row_number() over (order by coalesce(received_at, time), time, event_id) as place from tracking.identities
)
update tracking.identities i set arrived = o.place from ordered o where o.row = i.ctid;

alter table tracking.identities alter column arrived set not null;
alter table tracking.identities alter column arrived add generated always as identity;
select setval(pg_get_serial_sequence('tracking.identities', 'arrived'), (select coalesce(max(arrived), 0) + 1 from tracking.identities), false);

drop index tracking.identities_by_anonymous_id;
drop index tracking.identities_by_distinct_id;
create index identities_by_anonymous_id on tracking.identities (project, anonymous_id, arrived) include (distinct_id, kind);
create index identities_by_distinct_id  on tracking.identities (project, distinct_id, arrived) include (anonymous_id, kind);

-- A row says that the anonymous id is the distinct id, or, with twice the same id, that this one was identified: so says an
-- $identify that names no other id.
create or replace function tracking.add_identity() returns trigger
language plpgsql as $$
declare
    merge smallint := case new.event when '$identify' then 0 when '$create_alias' then 1 else 2 end;
    other text     := left(tracking.trimmed_id(new.properties ->> case merge when 0 then '$anon_distinct_id' else 'alias' end), 200);
begin
    if tracking.names_nobody(new.distinct_id) then
        return null;
    end if;

    if other is null or other = new.distinct_id or tracking.names_nobody(other) then
        if merge <> 0 or exists (
            select from tracking.identities i where i.project = new.project and i.distinct_id = new.distinct_id)
        then
            return null;
        end if;

        other := new.distinct_id;
    end if;

    insert into tracking.identities (project, anonymous_id, distinct_id, time, event_id, born, kind, received_at)
    values (new.project, other, new.distinct_id, new.time, new.event_id, new.born, merge, new.received_at);
    return null;
end $$;

drop trigger add_identity on tracking.journal;
create trigger add_identity after insert on tracking.journal
    for each row when (new.event in ('$identify', '$create_alias', '$merge_dangerously') and new.kind in (0, 1))
    execute function tracking.add_identity();

-- Whether an id stood in a row, on either side, that arrived before another one. An $identify or $create_alias merges
-- only an id that did not: who was somebody before stays that.
create function tracking.was_somebody(of_project text, of_id text, before bigint) returns boolean
language sql stable parallel safe as $$
    select exists (
               select from tracking.identities i
               where  i.project = of_project and i.anonymous_id = of_id and i.arrived < before)
        or exists (
               select from tracking.identities i
               where  i.project = of_project and i.distinct_id = of_id and i.arrived < before)
$$;

-- Who an id became by an $identify or $create_alias; null when it is nobody else's.
create or replace function tracking.identified_as(of_project text, of_id text) returns text
language sql stable parallel safe set search_path = pg_catalog as $$
    select f.distinct_id
    from   (
               select i.distinct_id, i.kind, i.arrived
               from   tracking.identities i
               where  i.project = of_project and i.anonymous_id = of_id
               order  by i.arrived
               limit  1
           ) f
    where  f.kind <> 2 and f.distinct_id <> of_id and not tracking.was_somebody(of_project, of_id, f.arrived)
$$;

-- All ids of the person that has this one. The same as persons_of says, for one person, by the indexes.
create or replace function tracking.ids_of_person(of_project text, of_id text) returns table (distinct_id text)
language sql stable parallel safe set search_path = pg_catalog as $$
    with recursive person as (
        select of_id as id
        union
        select next.id
        from   person p
        cross  join lateral (
            select tracking.identified_as(of_project, p.id)
            union all
            select i.distinct_id
            from   tracking.identities i
            where  i.project = of_project and i.anonymous_id = p.id and i.kind = 2
            union all
            select i.anonymous_id
            from   tracking.identities i
            where  i.project = of_project and i.distinct_id = p.id
              and  (i.kind = 2 or tracking.identified_as(of_project, i.anonymous_id) = p.id)
        ) next (id)
        where  next.id is not null
    )
    select p.id from person p
$$;

-- Which person each id of pairs is, when each pair is one person: the least of all ids that are joined, directly or through
-- others.
create function tracking.joined(ones text[], others text[]) returns table (id text, person text)
language plpgsql immutable parallel safe
set search_path = pg_catalog
-- A plan for few pairs takes for ever when there are many.
set plan_cache_mode = force_custom_plan
set enable_nestloop = off as $$
#variable_conflict use_column
declare
    ids     text[];
    firsts  bigint[]; -- the pairs, by the ids' places
    seconds bigint[];
    parents bigint[]; -- by places: one of the same person that comes before, or itself
    one     bigint;
    other   bigint;
begin
    if coalesce(cardinality(ones), 0) = 0 then
        return;
    end if;

    ids := array(select distinct u.id collate "C" from unnest(ones || others) u (id) order by 1);
    select array_agg(a.place), array_agg(b.place)
    into   firsts, seconds
    from   unnest(ones, others) pair (one, other)
    join   unnest(ids) with ordinality a (id, place) on a.id = pair.one
    join   unnest(ids) with ordinality b (id, place) on b.id = pair.other;

    parents := array(select generate_series(1, cardinality(ids))::bigint);
    for i in 1 .. cardinality(firsts) loop
        one := firsts[i];
        while parents[one] <> one loop
            parents[one] := parents[parents[one]];
            one := parents[one];
        end loop;
        other := seconds[i];
        while parents[other] <> other loop
            parents[other] := parents[parents[other]];
            other := parents[other];
        end loop;
        parents[greatest(one, other)] := least(one, other);
    end loop;

    for i in 1 .. cardinality(ids) loop
        parents[i] := parents[parents[i]];
    end loop;

    return query
        select u.id, r.id
        from   unnest(ids, parents) u (id, parent)
        join   unnest(ids) with ordinality r (id, place) on r.place = u.parent;
end $$;

-- The person behind each id that is somebody else's: one of the person's ids. Ids that are not here are their own person.
-- Nearly always an id became another one that became nobody else; only those that go on, and what was merged dangerously,
-- have to be followed.
create or replace function tracking.persons_of(of_project text) returns table (distinct_id text, person text)
language sql stable parallel safe rows 100000
-- Keeps Postgres from planning it into the query around it, whose rows it then guesses wrong by orders of magnitude.
set search_path = pg_catalog as $$
    with said as materialized (
        select i.anonymous_id, i.distinct_id, i.kind, i.arrived from tracking.identities i where i.project = of_project
    ), firsts as (
        select id, min(arrived) as arrived
        from   (select anonymous_id as id, arrived from said union all select distinct_id, arrived from said) sides
        group  by id
    ), links as materialized (
        select s.anonymous_id, s.distinct_id
        from   said s
        join   firsts f on f.id = s.anonymous_id and f.arrived = s.arrived
        where  s.kind <> 2 and s.anonymous_id <> s.distinct_id
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

-- Rows are changed when they would come to say something else once others are gone: who keeps some in memory reads them
-- anew then, too.
create trigger mark_changed_identities after update on tracking.identities
    referencing old table as taken
    for each statement execute function tracking.mark_taken_identities();
