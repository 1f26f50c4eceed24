-- How the endpoint does: how often in a row everything failed, for how long it is left alone, whether it wants no more.
update tracking.webhooks
set    failures   = $2,
       rest_until = now() + $3,
       active     = active and not $4,
       gone_at    = case when $4 then now() else gone_at end
where  id = $1 and (failures <> $2 or $2 > 0 or $4)
