-- Which anonymous id was identified as which other id, and when: what $identify events say. Kept apart because the
-- journal can't be searched for them. Rows are only added, each in the transaction of its journal entry, so nobody
-- waits for anybody.
create table tracking.identities (
    project      text        not null,
    anonymous_id text        not null,
    distinct_id  text        not null,
    time         timestamptz not null,
    event_id     uuid        not null,
    born         date        not null
);

create index identities_by_anonymous_id on tracking.identities (project, anonymous_id, time, event_id) include (distinct_id);
create index identities_by_distinct_id  on tracking.identities (project, distinct_id, time, event_id);

create function tracking.add_identity() returns trigger
language plpgsql as $$
declare
    anonymous_id text := left(new.properties ->> '$anon_distinct_id', 200);
begin
    if anonymous_id <> '' and anonymous_id <> new.distinct_id then
        insert into tracking.identities (project, anonymous_id, distinct_id, time, event_id, born)
        values (new.project, anonymous_id, new.distinct_id, new.time, new.event_id, new.born);
    end if;
    return null;
end $$;

-- The condition is all that any other event costs.
create trigger add_identity after insert on tracking.journal
    for each row when (new.event = '$identify' and new.kind in (0, 1)) execute function tracking.add_identity();

insert into tracking.identities (project, anonymous_id, distinct_id, time, event_id, born)
select project, left(properties ->> '$anon_distinct_id', 200), distinct_id, time, event_id, born
from   tracking.journal
where  event = '$identify' and kind in (0, 1)
  and  properties ->> '$anon_distinct_id' <> '' and left(properties ->> '$anon_distinct_id', 200) <> distinct_id;

-- The person behind each id that is somebody else's. An anonymous id is the id that it was identified as first; an id
-- that somebody had been identified as before is nobody's anonymous one any more. Each link is therefore older than the
-- one before it, and they never run in a circle. Ids that are not here are their own person.
create function tracking.persons_of(of_project text) returns table (distinct_id text, person text)
language sql stable parallel safe rows 100000
-- Keeps Postgres from planning it into the query around it, whose rows it then guesses wrong by orders of magnitude.
set search_path = pg_catalog as $$
    with recursive firsts as (
        select distinct on (i.anonymous_id) i.anonymous_id, i.distinct_id, i.time, i.event_id
        from   tracking.identities i
        where  i.project = of_project
        order by i.anonymous_id, i.time, i.event_id
    ), links as (
        select f.anonymous_id, f.distinct_id
        from   firsts f
        where  not exists (
                   select from tracking.identities i
                   where  i.project = of_project and i.distinct_id = f.anonymous_id
                     and  (i.time, i.event_id) < (f.time, f.event_id))
    ), walk as (
        select l.anonymous_id, l.distinct_id from links l
        union
        select w.anonymous_id, l.distinct_id
        from   walk w
        join   links l on l.anonymous_id = w.distinct_id
    )
    select w.anonymous_id, w.distinct_id
    from   walk w
    where  not exists (select from links l where l.anonymous_id = w.distinct_id)
$$;
