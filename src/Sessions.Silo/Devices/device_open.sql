-- Raises the devices' epochs. The row lock makes concurrent openers wait for each other; Postgres then refuses the
-- writes of the earlier one. The first epoch comes from the clock, so a device that was deleted begins above all its
-- former epochs: no device is opened a thousand times a second.
insert into tracking.devices as known (project, device_key, epoch)
select project, device_key, (extract(epoch from clock_timestamp()) * 1000)::bigint
from   unnest($1::text[], $2::text[]) as asked (project, device_key)
on conflict (project, device_key) do update set epoch = known.epoch + 1
returning project, device_key, epoch, handed_to
