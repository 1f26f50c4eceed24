-- Which server this is. A standby gives no timeline.
select control.system_identifier,
       case
           when not pg_is_in_recovery() then ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
       end as timeline
from   pg_control_system() control
