-- Held until the batch's transaction ends: of two gateways that add a key at once, the second sees the first's.
select pg_advisory_xact_lock(hashtext('tracking.page_keys'))
