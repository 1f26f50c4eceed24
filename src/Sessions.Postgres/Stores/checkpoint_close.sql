-- What silos had left behind was brought up to date at $2, but for one that has been seen again since: it looks after its
-- own. A mark goes with the last look only: a silo may have been slow, go on, and die before it renews its mark.
with gone as (
    delete from tracking.checkpoints
    where  silo = any($1) and seen_at < $2 - make_interval(secs => $3)
)
update tracking.checkpoints
set    done_until = $2
where  silo = any($1) and seen_at < $2 and seen_at >= $2 - make_interval(secs => $3)
