-- Writes the devices that begin with this transaction. Fails when one of them is there: then another activation has opened it.
insert into tracking.devices (project, device_key, epoch)
select unnest($1::text[]), unnest($2::text[]), unnest($3::bigint[])
