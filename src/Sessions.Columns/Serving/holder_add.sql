insert into tracking.copy_holders (holder, name) values (gen_random_uuid(), $1) returning holder
