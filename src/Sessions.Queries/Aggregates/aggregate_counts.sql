-- One series whose buckets add up to the whole range, which lets Postgres count in parallel. "source", "time", "place"
-- and "math" consist only of known names and parameters.
select width_bucket({time}, @starts) as bucket,
       {place}                       as place,
       ({math})::double precision    as result
from   {source}
group by bucket, place
