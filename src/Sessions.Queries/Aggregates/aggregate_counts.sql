-- One series whose buckets add up to the whole range, which lets Postgres count in parallel. "source", "bucket", "place"
-- and "math" consist only of known names and parameters.
select {bucket}                   as bucket,
       {place}                    as place,
       ({math})::double precision as result
from   {source}
group by bucket, place
