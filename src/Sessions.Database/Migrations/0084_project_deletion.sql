-- Projects are deleted in the background: from "deleting_at" on events and keys of the project are refused, silos remove what
-- it has in batches, and its row goes last. The row is all that is needed to go on after a crash.
alter table tracking.projects
    add column deleting_at           timestamptz,
    add column deletion_leased_until timestamptz not null default '-infinity', -- a silo is at it
    -- Which generation of forgotten persons there was when the project was made. What a silo has loaded in an earlier one
    -- belongs to another project, which had the same id and is deleted.
    add column generation            bigint      not null default 0;

create index projects_leaving on tracking.projects (deletion_leased_until) where deleting_at is not null;

create function tracking.begin_project() returns trigger
language plpgsql as $$
begin
    new.generation := (select generation from tracking.forgotten_generation);
    return new;
end $$;

create trigger begin_project before insert on tracking.projects
    for each row execute function tracking.begin_project();

-- Gateways keep in memory who is whom, and what they keep of a deleted project must not hold for the next one of its id.
create function tracking.begin_identities() returns trigger
language plpgsql as $$
begin
    insert into tracking.taken_identities (project, version)
    values (new.project, gen_random_uuid())
    on conflict (project) do update set version = excluded.version;
    return null;
end $$;

create trigger begin_identities after insert on tracking.projects
    for each row execute function tracking.begin_identities();

-- Begins the deletion of a project; false when there is none of that id, or when it is being deleted already. The generation
-- makes all silos notice: what they write to the journal is refused until they know of the deletion. The token and the keys
-- are gone at once, for earlier builds too, which know nothing of "deleting_at".
create function tracking.delete_project(of_project text) returns boolean
language plpgsql as $$
begin
    update tracking.projects
    set    deleting_at = now(), archived_at = coalesce(archived_at, now()), configured_token = null,
           token = 'deleted-' || gen_random_uuid(), api_key_sha256 = sha256(gen_random_uuid()::text::bytea)
    where  project = of_project and deleting_at is null;
    if not found then
        return false;
    end if;

    update tracking.forgotten_generation set generation = generation + 1;
    delete from tracking.api_keys where project = of_project;
    delete from tracking.sign_ins where project = of_project;
    delete from tracking.sign_in_tickets where project = of_project;
    update tracking.webhooks set active = false where project = of_project;
    return true;
end $$;

-- The tables that hold rows of projects: each table of schema tracking with a column "project", days of the journal that are
-- detached among them. Partitions and not their parents, because a row is removed by its place.
create function tracking.tables_of_projects() returns setof regclass
language sql stable as $$
    select c.oid::regclass
    from   pg_class c
    join   pg_attribute a on a.attrelid = c.oid and a.attname = 'project' and not a.attisdropped
    where  c.relnamespace = 'tracking'::regnamespace and c.relkind = 'r'
    and    c.relname not in ('projects', 'readers', 'sql_readers')
    -- Triggers say in other tables that sessions and identities have gone.
    order  by c.relname in ('changed_hours', 'taken_identities'), c.relname <> 'sessions', c.relname
$$;

-- Removes some rows of a project and returns how many; 0 when there are none left.
create function tracking.remove_from_project(of_project text, most integer) returns integer
language plpgsql as $$
declare
    part    regclass;
    removed integer := 0;
    part_of integer;
begin
    -- Webhooks' deliveries have no project, so they go before their webhooks.
    delete from tracking.webhook_deliveries
    where  ctid = any (array(
               select d.ctid
               from   tracking.webhook_deliveries d
               join   tracking.webhooks w on w.id = d.webhook_id
               where  w.project = of_project
               limit  most));
    get diagnostics removed = row_count;

    -- Neither have reminders, which go with their devices.
    if removed < most then
        delete from orleans.orleansreminderstable
        where  grainid = any (array(
                   select 'device/' || of_project || '~' || d.device_key from tracking.devices d where d.project = of_project limit most));
        get diagnostics part_of = row_count;
        removed := removed + part_of;
    end if;

    for part in select tracking.tables_of_projects() loop
        exit when removed >= most;
        execute format(
            'delete from only %1$s where ctid = any (array(select ctid from only %1$s where project = $1 %2$s limit $2))',
            part,
            -- A silo that deletes a person gives up when the sessions refuse its calls.
            case when part = 'tracking.person_deletions'::regclass then 'and (finished_at is not null or leased_until < now())' else '' end)
        using of_project, most - removed;
        get diagnostics part_of = row_count;
        removed := removed + part_of;
    end loop;
    return removed;
end $$;

-- Removes the login roles of a project from the server. One that has rights in another database of the server stays there,
-- without any right in this one. Returns those that stay.
create function tracking.remove_readers(of_project text) returns setof name
language plpgsql as $$
declare
    reader name;
begin
    perform from tracking.locks where name = 'readers' for update;
    for reader in
        select role_name from tracking.readers where project = of_project
        union
        select role_name from tracking.sql_readers where project = of_project
    loop
        if exists (select from pg_roles where rolname = reader) then
            begin
                perform pg_terminate_backend(pid)
                from    pg_stat_activity
                where   usename = reader and datname = current_database();
                execute format('revoke all on all tables in schema analytics from %I', reader);
                execute format('revoke all on schema analytics from %I', reader);
                execute format('revoke all on database %I from %I', current_database(), reader);
                execute format('drop role %I', reader);
            exception when dependent_objects_still_exist or insufficient_privilege then
                return next reader;
            end;
        end if;
    end loop;

    delete from tracking.readers where project = of_project;
    delete from tracking.sql_readers where project = of_project;
end $$;

-- Ends the deletion of a project: its row goes, and the id is free. False when something of it is left, or when the work on
-- hours or on retention is under way, which writes rows of projects.
create function tracking.finish_project_deletion(of_project text, most integer) returns boolean
language plpgsql as $$
begin
    if not tracking.try_turn('tracking.turn_of_hours') or not tracking.try_turn('tracking.turn_of_retention')
        or tracking.remove_from_project(of_project, most) > 0
        or exists (select from tracking.person_deletions where project = of_project)
    then
        return false;
    end if;

    delete from orleans.orleansreminderstable where starts_with(grainid, 'device/' || of_project || '~');
    delete from orleans.orleansstorage where grainidextensionstring = 'project~' || of_project;
    delete from tracking.projects where project = of_project and deleting_at is not null;
    if not found then
        return false;
    end if;

    insert into tracking.audit (project, actor, way, action, subject, result)
    values ('default', 'the server', 'server', 'project.deleted', of_project, 'done');
    return true;
end $$;

revoke execute on function tracking.delete_project, tracking.remove_from_project, tracking.remove_readers, tracking.finish_project_deletion
from public;
