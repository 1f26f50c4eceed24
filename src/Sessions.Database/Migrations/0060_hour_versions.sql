-- Gateways keep in memory what they have read of hours and of who is whom. These say what of it still holds.

-- Another one each time an hour is counted, also by a program that knows nothing of it. A random one, so that what comes
-- from a backup is not taken for something else. Hours that were counted before have the same until they are counted anew.
alter table tracking.session_hours add column version uuid not null default '00000000-0000-0000-0000-000000000000';

create function tracking.new_version() returns trigger
language plpgsql as $$
begin
    new.version := gen_random_uuid();
    return new;
end $$;

create trigger new_version before insert or update on tracking.session_hours
    for each row execute function tracking.new_version();

-- The transaction that wrote an identity. Who has read them in one snapshot needs in a later one those alone of
-- transactions that had not ended in the first. Null for those from before this.
alter table tracking.identities add column written_in xid8;
alter table tracking.identities alter column written_in set default pg_current_xact_id();

create index identities_by_writing on tracking.identities (project, written_in) where written_in is not null;

-- Another version each time that some of a project's identities are taken away. Those who add some don't come here.
create table tracking.taken_identities (
    project text primary key,
    version uuid not null
);

create function tracking.mark_taken_identities() returns trigger
language plpgsql as $$
begin
    insert into tracking.taken_identities (project, version)
    select project, gen_random_uuid() from (select distinct project from taken order by project) its
    on conflict (project) do update set version = excluded.version;
    return null;
end $$;

create trigger mark_taken_identities after delete on tracking.identities
    referencing old table as taken
    for each statement execute function tracking.mark_taken_identities();
