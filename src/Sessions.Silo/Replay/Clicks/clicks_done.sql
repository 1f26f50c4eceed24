-- Notes up to which block a recording was searched, and when its next search may be.
update tracking.replays
set    clicks_searched = greatest(clicks_searched, $3),
       clicks_lease = null,
       clicks_after = now() + greatest($4, (end_timestamp - start_timestamp) / 2)
where  project = $1 and session_id = $2
