-- Does the same as a silo would: each change of the table raises its version, from which the silos see that they must
-- read it again.
with raised as (
    update orleans.orleansmembershipversiontable
    set timestamp = now(), version = version + 1
    where deploymentid = $1
)
update orleans.orleansmembershiptable
set status = 6
where deploymentid = $1 and address = $2 and port = $3 and generation = $4 and status <> 6
