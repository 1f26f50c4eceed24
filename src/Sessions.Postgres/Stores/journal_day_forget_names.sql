-- Who was identified as whom by events of a day.
delete from tracking.identities where born = $1 and project = $2
