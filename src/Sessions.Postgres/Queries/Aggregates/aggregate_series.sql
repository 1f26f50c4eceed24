-- One series: its math in each bucket and group, and with a bucket of null over the whole range. source, time,
-- place and math are made of known names and parameters only.
select width_bucket({time}, @starts) as bucket,
       {place}                       as place,
       ({math})::double precision    as result
from   {source}
group by grouping sets ((bucket, place), (place))
