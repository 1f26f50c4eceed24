-- Of a silo that is about to start at an address: later than those of all that were there, whatever their clocks said. One
-- that comes with an earlier one is taken for the one before, and ends itself.
select greatest($4, 1 + coalesce(max(generation), 0))
from   orleans.orleansmembershiptable
where  deploymentid = $1 and address = $2 and port = $3
