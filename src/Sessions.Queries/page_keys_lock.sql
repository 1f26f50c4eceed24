-- Held until the batch's transaction ends, so that of two gateways that add a key at the same time, the second sees the
-- first one's key.
select from tracking.locks where name = 'page_keys' for update
