select xml from tracking.page_keys order by added_at, name
