select project from tracking.projects order by project
