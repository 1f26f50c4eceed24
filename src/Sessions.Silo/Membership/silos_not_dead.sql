select address, port, generation
from   orleans.orleansmembershiptable
where  deploymentid = $1 and status <> 6
