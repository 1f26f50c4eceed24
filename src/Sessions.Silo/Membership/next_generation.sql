-- The generation for a silo that is about to start at an address: higher than all earlier generations of that address,
-- whatever their clocks said. A silo with a lower generation would be taken for its predecessor and stop itself.
select greatest($4, 1 + coalesce(max(generation), 0))
from   orleans.orleansmembershiptable
where  deploymentid = $1 and address = $2 and port = $3
