select day, project from tracking.leaving_days order by day, project
