-- The series over the same rows, when their buckets add up to the whole range, or there is one. So Postgres can count in
-- parallel. "source", "bucket", "place" and "results" consist only of known names and parameters.
select {bucket}                   as bucket,
       {place}                    as place,
       {results}
from   {source}
group by bucket, place
