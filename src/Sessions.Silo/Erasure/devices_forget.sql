-- Removes devices that have no sessions any more. The rows are locked in the order of their keys, like everywhere, to
-- avoid deadlocks. A device that is just about to get a session finds that its epoch is gone, and opens again with a
-- new one.
with idle as (
    select d.project, d.device_key
    from   tracking.devices d
    where  d.project = $1 and d.device_key = any($2::text[])
      and  not exists (
               select from tracking.sessions s where s.project = d.project and s.device_key = d.device_key)
    order  by d.project, d.device_key
    for    update
)
delete from tracking.devices d using idle where d.project = idle.project and d.device_key = idle.device_key
