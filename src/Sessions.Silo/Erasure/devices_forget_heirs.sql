update tracking.devices set handed_to = null
where  project = $1 and device_key = any($2::text[]) and handed_to = any($3::text[])
