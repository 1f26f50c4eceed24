-- The table over the pages and screens seen in one period and, of the same pages, in another one, for a file of columns. "value",
-- "entry", "person", "session", "source", "limit" and what counts different persons and sessions consist only of known names and
-- parameters. The source has the rows of both periods, "now" says whether a row is of the first.
with seen as materialized (
    select {value} as value, e.{session} as session, {person} as person, {now} as is_now
    from   {source}
),
top as materialized (
    select value, count(distinct person) as visitors, count(*) as views
    from   seen
    where  is_now
    group by value
    order by visitors desc, views desc, value collate "C" nulls last
    limit  {limit}
),
shown as materialized (
    select seen.*
    from   seen
    join   top on top.value is not distinct from seen.value
)
select shown.value, {visitors} as visitors, count(*) as views, {sessions}, {bounced}::double precision / nullif({began}, 0), shown.is_now
from   shown
left join sessions own on own.{session} = shown.session and {entry} is not distinct from shown.value
group by shown.value, shown.is_now
order by shown.is_now desc, visitors desc, views desc, shown.value collate "C" nulls last
