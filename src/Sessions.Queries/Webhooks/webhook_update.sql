-- Changes the values that are given. A change also resets the endpoint's failures and its pause.
update tracking.webhooks
set    url        = coalesce($3, url),
       events     = coalesce($4, events),
       active     = coalesce($5, active),
       failures   = 0,
       rest_until = now(),
       gone_at    = case when $5 then null else gone_at end
where  project = $1 and id = $2
