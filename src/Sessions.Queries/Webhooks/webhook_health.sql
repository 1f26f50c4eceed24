-- Records the health of an endpoint: the successive rounds in which everything failed, the pause, and whether it is
-- gone for good.
update tracking.webhooks
set    failures   = $2,
       rest_until = now() + $3,
       active     = active and not $4,
       gone_at    = case when $4 then now() else gone_at end
where  id = $1 and (failures <> $2 or $2 > 0 or $4)
