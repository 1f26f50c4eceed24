-- Which server this is. Everybody may call these functions. The checkpoint in pg_control_checkpoint() would name the
-- timeline too, but only some time after a promotion; the file that is being written names it at once. A standby writes
-- none, and gives null.
select control.system_identifier,
       case
           when not pg_is_in_recovery() then ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
       end as timeline,
       pg_postmaster_start_time()
from   pg_control_system() control
