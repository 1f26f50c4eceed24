-- Deletes the merges of ids that came from events of a day.
delete from tracking.identities where born = $1 and project = $2
