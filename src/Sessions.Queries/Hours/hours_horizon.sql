-- The time up to which hours may be aggregated: later writes into these hours leave marks. It is read before the
-- snapshot of the aggregation, so that every running transaction is either counted here or visible there. The minute in
-- addition to the hour is for a transaction that has begun and is not visible yet.
select tracking.hour_of(least(now(), min(xact_start)) - interval '61 minutes')
from   pg_stat_activity
where  datname = current_database()
