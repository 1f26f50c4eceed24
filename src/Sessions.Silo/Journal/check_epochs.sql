select tracking.check_epochs($1::text[], $2::text[], $3::bigint[])
