-- Takes a recording that has clicks which no search has looked at. Another silo takes it when the lease is over. An ended
-- session's is searched at once; a live one's grows, and waits until it is worth another search.
with due as (
    select r.project, r.session_id
    from   tracking.replays r
    join   tracking.sessions s on s.project = r.project and s.session_id = r.session_id
    where  r.clicks_due
      and  r.clicks_block > coalesce(r.clicks_searched, 0)
      and  (r.clicks_lease is null or r.clicks_lease <= now())
      and  (r.clicks_after is null or r.clicks_after <= now() or s.status = 'ended')
    order  by r.clicks_after nulls first
    limit  1
    for    no key update of r skip locked
)
update tracking.replays r
set    clicks_lease = now() + $1
from   due
where  r.project = due.project and r.session_id = due.session_id
returning r.project, r.session_id
