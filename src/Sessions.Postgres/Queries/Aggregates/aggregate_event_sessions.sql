-- One series over the sessions that have an event: each counts once in each bucket in which it has it and, with a bucket of
-- null, once over the whole range. source, time, place, number and math are made of known names and parameters only.
with having_it as materialized (
    select distinct
           width_bucket({time}, @starts) as bucket,
           {place}                       as place,
           s.session_id,
           {number}                      as number
    from   {source}
)
select bucket, place, ({math})::double precision as result
from   having_it
group by bucket, place
union all
select null, place, ({math})::double precision
from   (select distinct place, session_id, number from having_it) whole
group by place
