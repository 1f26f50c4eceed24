-- The sessions that began in an hour, by columns, so that questions over many sessions need not read their rows. A job
-- counts an hour anew when something in it has changed; until it has, who asks reads the hour's rows instead. What is
-- answered is exact at any time, because all of this is one snapshot: a change and its mark are one transaction, and so
-- are the hour as it was counted and the marks that are gone.

-- How far each project's hours are kept: those before "kept_until" are here, unless they are marked or have no session.
create table tracking.kept_hours (
    project    text        primary key,
    format     smallint    not null,
    kept_until timestamptz not null
);

-- Ended sessions alone: a live one changes every other second.
create table tracking.session_hours (
    project  text        not null,
    hour     timestamptz not null,
    count    integer     not null,
    sessions bytea       not null,
    primary key (project, hour)
);

-- The bytes are as small as they get.
alter table tracking.session_hours alter column sessions set storage external;

-- Hours in which something has changed. Rows are only added, one or more for the same hour, so nobody waits for anybody;
-- the job takes away those that it has seen.
create table tracking.changed_hours (
    project text        not null,
    hour    timestamptz not null
);

create index changed_hours_by_hour on tracking.changed_hours (project, hour);

create function tracking.hour_of(at timestamptz) returns timestamptz
language sql immutable strict parallel safe as $$
    select to_timestamp((floor(extract(epoch from at) / 3600) * 3600)::double precision)
$$;

-- Says that sessions which began in these hours have gone or changed: the hours are not used until they have been counted
-- anew. What they hold of sessions that are gone goes with the same transaction.
create function tracking.forget_hours(of_project text, hours timestamptz[]) returns void
language sql as $$
    insert into tracking.changed_hours (project, hour)
    select distinct of_project, tracking.hour_of(hour) from unnest(hours) hour;

    delete from tracking.session_hours h
    where  h.project = of_project and h.hour in (select tracking.hour_of(hour) from unnest(hours) hour);
$$;

create function tracking.mark_changed_hour() returns trigger
language plpgsql as $$
begin
    insert into tracking.changed_hours (project, hour) values (new.project, tracking.hour_of(new.start_timestamp));
    if tg_op = 'UPDATE' and old.start_timestamp <> new.start_timestamp then
        insert into tracking.changed_hours (project, hour) values (old.project, tracking.hour_of(old.start_timestamp));
    end if;
    return null;
end $$;

-- An hour is kept once it is an hour past for every transaction that runs: one that writes into it marks it. So the
-- condition is all that a session costs which ends within an hour of its beginning.
create trigger mark_changed_hour_insert after insert on tracking.sessions
    for each row when (new.status = 'ended' and new.start_timestamp < now() - interval '1 hour')
    execute function tracking.mark_changed_hour();

create trigger mark_changed_hour_update after update on tracking.sessions
    for each row when (
        (new.status = 'ended' or old.status = 'ended')
        and (new.start_timestamp < now() - interval '1 hour' or old.start_timestamp < now() - interval '1 hour'))
    execute function tracking.mark_changed_hour();

create function tracking.forget_deleted_hours() returns trigger
language plpgsql as $$
begin
    perform tracking.forget_hours(project, array_agg(start_timestamp)) from gone group by project;
    return null;
end $$;

create trigger forget_deleted_hours after delete on tracking.sessions
    referencing old table as gone
    for each statement execute function tracking.forget_deleted_hours();
