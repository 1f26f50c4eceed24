delete from tracking.project_uses where day < @oldest
