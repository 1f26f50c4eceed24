delete from tracking.api_keys
where  project = $1 and id = $2
