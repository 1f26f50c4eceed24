delete from tracking.checkpoints where silo = $1
