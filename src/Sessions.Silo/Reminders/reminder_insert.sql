-- Writes the reminders of devices that begin with this transaction. Fails when one of them has a reminder.
insert into orleans.orleansreminderstable (serviceid, grainid, remindername, starttime, period, grainhash, version)
select $1, unnest($2::text[]), unnest($3::text[]), unnest($4::timestamptz[]), unnest($5::bigint[]), unnest($6::integer[]), 0
