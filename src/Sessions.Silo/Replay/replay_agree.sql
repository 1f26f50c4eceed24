-- Records the day before which a project's recordings may be deleted, removes records of later days (the retention was
-- made longer), and returns the latest day that was recorded at least a day ago. The returned day is read from the rows
-- as they were before this statement.
with agreed as (
    select max(before) as before
    from   tracking.leaving_replays
    where  project = $1 and before <= $2 and agreed_at <= now() - interval '1 day'
), forgotten as (
    delete from tracking.leaving_replays l using agreed
    where  l.project = $1 and (l.before > $2 or l.before < agreed.before)
), noted as (
    insert into tracking.leaving_replays (project, before) values ($1, $2) on conflict do nothing
)
select before from agreed
