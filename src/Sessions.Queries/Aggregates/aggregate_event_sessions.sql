-- One series over the sessions that have an event. A session counts once in each bucket in which it has the event, and
-- once in the row of the whole range, whose bucket is null. "source", "bucket", "place", "number" and "math" consist only
-- of known names and parameters.
with having_it as materialized (
    select distinct
           {bucket} as bucket,
           {place}  as place,
           s.session_id,
           {number} as number
    from   {source}
)
select bucket, place, ({math})::double precision as result
from   having_it
group by bucket, place
union all
select null, place, ({math})::double precision
from   (select distinct place, session_id, number from having_it) whole
group by place
