-- The table over the pages and screens seen in one period, for a file of columns. "value", "entry", "person", "session", "source" and
-- "limit" consist only of known names and parameters. Sessions are counted for the shown pages only: to count those of all takes
-- as long as everything else.
with seen as materialized (
    select {value} as value, e.{session} as session, {person} as person
    from   {source}
),
top as materialized (
    select value, count(distinct person) as visitors, count(*) as views
    from   seen
    group by value
    order by visitors desc, views desc, value collate "C" nulls last
    limit  {limit}
),
shown as materialized (
    select distinct top.value, seen.session
    from   seen
    join   top on top.value is not distinct from seen.value
),
sessions_of as (
    select value, count(*) as sessions from shown group by value
),
began as (
    select shown.value, count(*) filter (where own.is_bounce)::double precision / nullif(count(own.is_bounce), 0) as bounce_rate
    from   sessions own
    join   shown on shown.session = own.{session}
    where  {entry} is not distinct from shown.value
    group by shown.value
)
select top.value, top.visitors, top.views, sessions_of.sessions, began.bounce_rate
from   top
left join sessions_of on sessions_of.value is not distinct from top.value
left join began on began.value is not distinct from top.value
order by top.visitors desc, top.views desc, top.value collate "C" nulls last
