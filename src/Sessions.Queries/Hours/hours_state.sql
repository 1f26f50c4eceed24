-- The time up to which hours are aggregated, the version of the project's removed identities, and the transaction id
-- before which every transaction has ended.
select k.format, k.kept_until, now(),
       coalesce((select t.version from tracking.taken_identities t where t.project = k.project),
                '00000000-0000-0000-0000-000000000000'),
       pg_snapshot_xmin(pg_current_snapshot())
from   tracking.kept_hours k
where  k.project = $1
