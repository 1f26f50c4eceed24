-- Notes up to which block a recording was searched, and when its next search may be. Without any block there is nothing to
-- search in what the row knows of.
update tracking.replays
set    clicks_searched = greatest(clicks_searched, case when $3 > 0 then $3 else clicks_block end),
       clicks_lease = null,
       clicks_after = now() + greatest($4, (end_timestamp - start_timestamp) / 2)
where  project = $1 and session_id = $2
