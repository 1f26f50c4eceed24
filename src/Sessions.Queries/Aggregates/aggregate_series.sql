-- One series: its math in each bucket and group, and over the whole range in the rows whose bucket is null. "source",
-- "bucket", "place" and "math" consist only of known names and parameters.
select {bucket}                   as bucket,
       {place}                    as place,
       ({math})::double precision as result
from   {source}
group by grouping sets ((bucket, place), (place))
