-- Raises the devices' epochs. The row lock makes concurrent openers wait for each other; Postgres then refuses the
-- writes of the earlier one. The first epoch comes from the clock, so a device that was deleted begins above all its
-- former epochs: no device is opened a thousand times a second. A device without a row may be left to the transaction of
-- its first events. Then the epoch is the one with which it begins. Those with rows are looked up by key, because the
-- planner may have statistics of an empty table.
with raised as (
    insert into tracking.devices as known (project, device_key, epoch)
    select asked.project, asked.device_key, (extract(epoch from clock_timestamp()) * 1000)::bigint
    from   unnest($1::text[], $2::text[], $3::boolean[]) as asked (project, device_key, leave_unknown)
    left   join lateral (
        select true as is_known from tracking.devices d where d.project = asked.project and d.device_key = asked.device_key offset 0
    ) found on true
    where  not asked.leave_unknown or found.is_known
    on conflict (project, device_key) do update set epoch = known.epoch + 1
    returning project, device_key, epoch, handed_to
)
select asked.project, asked.device_key,
       coalesce(raised.epoch, (extract(epoch from clock_timestamp()) * 1000)::bigint), raised.handed_to, raised.epoch is not null
from   unnest($1::text[], $2::text[]) as asked (project, device_key)
left   join raised using (project, device_key)
