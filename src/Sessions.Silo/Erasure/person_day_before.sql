select read_from from tracking.person_deletions where id = $1
