delete from orleans.orleansreminderstable where serviceid = $1
