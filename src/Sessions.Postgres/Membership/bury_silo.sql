-- As a silo would do it: whoever changes the table raises its version, and then the others see that they must read it.
with raised as (
    update orleans.orleansmembershipversiontable
    set timestamp = now(), version = version + 1
    where deploymentid = $1
)
update orleans.orleansmembershiptable
set status = 6
where deploymentid = $1 and address = $2 and port = $3 and generation = $4 and status <> 6
