select project, device_key, epoch
from   tracking.devices
where  (project, device_key) in (select * from unnest($1::text[], $2::text[]))
