-- Notes that nothing of the person is left here, so that copies are written anew without them. Forgets the holders of copies
-- that have been away: their files are not used again.
with away as (
    delete from tracking.copy_holders where seen_at < now() - interval '15 minutes'
)
update tracking.person_deletions
set    removed_in = case
           when exists (
                    select
                    from   tracking.sessions s
                    join   tracking.journal j on j.project = s.project and j.session_id = s.session_id and j.born = s.born
                    where  s.project = $2 and s.distinct_id = any($3::text[]) and s.start_timestamp <= $4
                      and  j.kind in (0, 1, 3) and j.distinct_id = any($3::text[]) and j.time <= $4)
           then null
           else coalesce(removed_in, pg_current_xact_id())
       end
where  id = $1 and finished_at is null
returning removed_in is not null and exists (
    select from tracking.copies c
    where  c.project = $2 and c.clean_from <= removed_in
    and    exists (select from tracking.copy_holders h where h.holder = c.holder and h.seen_at >= now() - interval '15 minutes'))
