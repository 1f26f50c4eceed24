-- The rows of these silos were up to date at $2. A silo that has renewed its mark since is left out: it writes its own
-- rows. A mark is deleted only after the last check, because a silo may have been slow, continue, and die before it
-- renews its mark.
with gone as (
    delete from tracking.checkpoints
    where  silo = any($1) and seen_at < $2 - make_interval(secs => $3)
)
update tracking.checkpoints
set    done_until = $2
where  silo = any($1) and seen_at < $2 and seen_at >= $2 - make_interval(secs => $3)
