-- Corrects heartbeats that lie in the future because a silo's clock was ahead. Such a silo would count as alive until
-- that time, and keep other silos from joining. A silo that is really alive writes a new heartbeat soon.
update orleans.orleansmembershiptable
set    iamalivetime = now()
where  deploymentid = $1 and iamalivetime > now() + interval '1 minute'
