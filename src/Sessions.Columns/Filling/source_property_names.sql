-- The properties of events that deserve a column: many events of a sample have them, and their values are short and come again.
-- They come again in other sessions: ids of sessions and windows get no column. Those that the senders made up come first.
with sample as materialized (
    select e.session_id, e.properties
    from   unnest($2::date[]) as days (day)
    cross  join lateral (
               select j.session_id, j.properties
               from   tracking.journal j
               where  j.project = $1 and j.born = days.day and j.kind in (0, 1) and jsonb_typeof(j.properties) = 'object'
               limit  $3) e
)
select p.key
from   sample s
cross  join lateral jsonb_each_text(s.properties) p
where  p.value is not null and length(p.key) <= 100
group  by p.key
having count(*) * 50 >= (select count(*) from sample)
and    count(distinct p.value) * 2 <= count(*) + 20
and    count(distinct p.value) * 3 <= count(distinct s.session_id::text || p.value) * 2 + 20
and    avg(length(p.value)) <= 100
order  by count(*) * case when p.key like '$%' then 1 else 4 end desc, p.key
