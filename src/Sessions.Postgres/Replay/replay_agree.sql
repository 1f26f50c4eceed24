-- Notes up to which day a project's recordings may go, forgets what was noted for later days, which are to be kept after all,
-- and says which day was noted a day ago. It comes from what was there before.
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
