-- As breakdown_values.sql, each value with its rank.
select value, row_number() over (order by weight desc, value nulls last) as its_place
from   (select value, sum(weight) as weight
        from   ({weights}) weighed
        group by value
        order by weight desc, value nulls last
        limit  {limit}) ranked
