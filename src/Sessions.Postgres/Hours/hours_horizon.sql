-- Up to where hours may be kept: whatever is written into them from now on is marked. It is asked before the snapshot
-- of the count is taken, so that a transaction which runs now is either known here or seen there. The minute over the
-- hour is for one that has begun and does not show yet.
select tracking.hour_of(least(now(), min(xact_start)) - interval '61 minutes')
from   pg_stat_activity
where  datname = current_database()
