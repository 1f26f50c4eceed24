-- Raises the devices' epochs. An opener that holds an epoch is waited for; one that comes later is refused. A device that
-- was forgotten begins above all epochs that it had: no device is opened a thousand times a second.
insert into tracking.devices as known (project, device_key, epoch)
select project, device_key, (extract(epoch from clock_timestamp()) * 1000)::bigint
from   unnest($1::text[], $2::text[]) as asked (project, device_key)
on conflict (project, device_key) do update set epoch = known.epoch + 1
returning project, device_key, epoch, handed_to
