-- One series over the sessions that have an event. A session counts once in each bucket in which it has the event, and
-- once in the row of the whole range, whose bucket is null. "source", "session", "bucket", "place", "number" and "results" consist only
-- of known names and parameters.
with having_it as materialized (
    select distinct
           {bucket} as bucket,
           {place}  as place,
           s.{session} as session,
           {number} as number
    from   {source}
)
select bucket, place, {results}
from   having_it
group by bucket, place
union all
select null, place, {results}
from   (select distinct place, session, number from having_it) whole
group by place
