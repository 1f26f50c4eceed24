update tracking.devices d
set    handed_to = asked.handed_to
from   unnest($1::text[], $2::text[], $3::text[]) as asked (project, device_key, handed_to)
where  d.project = asked.project and d.device_key = asked.device_key
