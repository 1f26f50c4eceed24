-- The series over the same rows: the math of each in each bucket and group, and over the whole range in the rows whose bucket
-- is null. "source", "bucket", "place" and "results" consist only of known names and parameters.
select {bucket}                   as bucket,
       {place}                    as place,
       {results}
from   {source}
group by grouping sets ((bucket, place), (place))
