p.pronamespace = 'pg_catalog'::regnamespace
and (
    p.proname = any (array[
        'set_config', 'pg_notify', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_export_snapshot', 'loread', 'lowrite',
        'ts_stat', 'txid_current', 'pg_current_xact_id', 'pg_stat_get_activity', 'pg_stat_force_next_flush', 'nextval',
        'setval', 'pg_drop_replication_slot', 'pg_stat_clear_snapshot', 'gin_clean_pending_list', 'pg_lock_status'])
    -- This overload runs a text as SQL; the one without a text does not.
    or p.oid = 'pg_catalog.ts_rewrite(tsquery,text)'::regprocedure
    or p.proname like any (array[
        'lo\_%', 'be\_lo\_%', 'pg\_advisory\_%', 'pg\_try\_advisory\_%', 'pg\_sleep%', 'query\_to\_xml%', 'table\_to\_xml%',
        'schema\_to\_xml%', 'database\_to\_xml%', 'cursor\_to\_xml%', 'pg\_logical\_%', 'pg\_create\_%\_slot',
        'pg\_copy\_%\_slot', 'pg\_replication\_%', 'binary\_upgrade\_%', 'brin\_%summarize%', 'pg\_read\_%', 'pg\_ls\_%',
        'pg\_stat\_reset%'])
)
