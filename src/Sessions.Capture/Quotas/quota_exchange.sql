-- Writes what a gateway has taken today, as totals, so that a repetition changes nothing. Returns what the others have taken.
with written as (
    insert into tracking.project_uses as u (day, project, gateway, events, bytes, written_at)
    select @day, m.project, @gateway, m.events, m.bytes, now()
    from   unnest(@projects::text[], @events::bigint[], @bytes::bigint[]) as m (project, events, bytes)
    -- Not of a project that was deleted today.
    where  exists (select from tracking.projects p where p.project = m.project and p.deleting_at is null)
    on conflict (day, project, gateway) do update
        set events = excluded.events, bytes = excluded.bytes, written_at = excluded.written_at
)
select   u.project,
         sum(u.events)::bigint,
         sum(u.bytes)::bigint,
         (count(*) filter (where u.written_at > now() - @recent))::integer
from     tracking.project_uses u
where    u.day = @day
and      u.gateway <> @gateway
group by u.project
