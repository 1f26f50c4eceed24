-- Removes a person's entries from a session, and the replay blocks that they speak of. Says how many events and blocks
-- there were.
with gone as (
    delete from tracking.journal
    where  project = $1 and session_id = $2 and born = $3 and kind in (0, 1, 3) and distinct_id = any($4::text[]) and time <= $5
    returning kind, properties
), blocks as (
    delete from tracking.replay_blocks b
    using  gone g
    where  g.kind = 3 and b.project = $1 and b.session_id = $2
      and  b.block_id = (g.properties ->> 'block')::uuid and b.born = (g.properties ->> 'born')::date
)
select count(*) filter (where kind in (0, 1)), count(*) filter (where kind = 3) from gone
