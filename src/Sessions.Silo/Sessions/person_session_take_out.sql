-- Removes a person's entries from a session, the replay blocks that these entries summarize, and the links to the recording,
-- which showed the person. Returns how many events and blocks there were. Entries with a generic id (such as "null") are removed too, if no other person with a
-- real id has entries in the session. When the deletion was requested for a generic id, only entries with that id are
-- removed.
with own as (
    select not tracking.names_nobody(($4::text[])[1]) and not exists (
        select
        from   tracking.journal
        where  project = $1 and session_id = $2 and born = $3 and kind in (0, 1, 3)
          and  distinct_id <> all ($4::text[]) and not tracking.names_nobody(distinct_id)) as is_own
), gone as (
    delete from tracking.journal
    where  project = $1 and session_id = $2 and born = $3 and kind in (0, 1, 3) and time <= $5
      and  (distinct_id = any($4::text[]) or (tracking.names_nobody(distinct_id) and (select is_own from own)))
    returning kind, properties
), blocks as (
    delete from tracking.replay_blocks b
    using  gone g
    where  g.kind = 3 and b.project = $1 and b.session_id = $2
      and  b.block_id = (g.properties ->> 'block')::uuid and b.born = (g.properties ->> 'born')::date
), shares as (
    delete from tracking.replay_shares
    where  project = $1 and session_id = $2 and exists (select from gone where kind = 3)
)
select count(*) filter (where kind in (0, 1)), count(*) filter (where kind = 3) from gone
