-- The row's state includes entries that were removed, so it must be folded again from the journal. Until then its
-- number is one entry behind the journal: no older state can replace it, and the search for outdated rows finds it.
with replay as (
    delete from tracking.replays where project = $1 and session_id = $2
)
update tracking.sessions set fold_version = 0, fold = '', number = $3 - 1 where project = $1 and session_id = $2
