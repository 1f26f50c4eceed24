-- A sign of life from the future, by a silo whose clock was ahead, would be a fresh one until then: the silo would count as
-- alive, and keep others from joining. One that really lives gives another one soon.
update orleans.orleansmembershiptable
set    iamalivetime = now()
where  deploymentid = $1 and iamalivetime > now() + interval '1 minute'
