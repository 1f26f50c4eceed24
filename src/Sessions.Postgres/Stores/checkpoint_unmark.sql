delete from tracking.checkpoints where silo = any($1)
