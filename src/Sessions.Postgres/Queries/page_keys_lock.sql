-- Held until the batch's transaction ends: of two gateways that add a key at once, the second sees the first's.
select from tracking.locks where name = 'page_keys' for update
