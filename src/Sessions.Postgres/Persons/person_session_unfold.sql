-- What the row says is of more than is left. It is folded anew from the journal; until then it counts as one entry
-- behind, so that nothing older replaces it and whoever looks for rows that are behind finds it.
with replay as (
    delete from tracking.replays where project = $1 and session_id = $2
)
update tracking.sessions set fold_version = 0, fold = '', number = $3 - 1 where project = $1 and session_id = $2
