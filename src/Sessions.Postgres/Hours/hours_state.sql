-- Up to when hours are kept, in which version the identities lack those that were taken away, and of which transactions
-- everything has been seen that will ever be.
select k.format, k.kept_until, now(),
       coalesce((select t.version from tracking.taken_identities t where t.project = k.project),
                '00000000-0000-0000-0000-000000000000'),
       pg_snapshot_xmin(pg_current_snapshot())
from   tracking.kept_hours k
where  k.project = $1
