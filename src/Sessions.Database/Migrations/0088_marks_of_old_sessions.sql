-- A session of an old day that comes with entries of its own, as imports bring them, needs no mark: its entries say that it is
-- to be read. The rows of a day that comes back have none.
create or replace function tracking.mark_change_of_new() returns trigger
language plpgsql as $$
begin
    if not exists (
        select
        from   tracking.journal j
        where  j.project = new.project and j.session_id = new.session_id and j.born = new.born and j.number <= new.number
        and    j.xact = pg_current_xact_id())
    then
        perform tracking.add_change(new.project, new.session_id);
    end if;
    return null;
end $$;
