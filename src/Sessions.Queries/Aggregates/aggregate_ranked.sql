-- The number of rows of each value with a group of its own, and of all others together, when nothing else is asked: the weights by
-- which values are ranked are these numbers. "weights" is as in breakdown_values.sql, "limit" a parameter. The columns are those
-- of aggregate_counts.sql.
select 1::bigint                                                as bucket,
       case when its_place <= {limit} then its_place else 0 end as place,
       any_value(value)                                         as value,
       sum(weight)::double precision                            as result_0
from   (select value, weight, row_number() over (order by weight desc, value nulls last) as its_place
        from   (select value, sum(weight) as weight from ({weights}) weighed group by value) summed) ranked
group by place
