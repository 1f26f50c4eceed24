select exists (
    select
    from   tracking.journal
    where  project = $1 and session_id = $2 and born = $3 and kind in (0, 1, 3))
