-- What the planner knows of a table must not be much older than the table: a plan that was made while it was empty reads
-- all of it for every batch of keys. Autovacuum looks once a minute, in which a new installation, or a new day's partition,
-- may grow to a hundred thousand rows. This analyzes what has grown to four times what was known, so each table a
-- few times in its life, and thereby has all connections plan anew.
create function tracking.analyze_grown() returns void
language plpgsql as $$
declare
    grown regclass;
begin
    if not pg_try_advisory_xact_lock(hashtext('tracking.analyze_grown')) then
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
