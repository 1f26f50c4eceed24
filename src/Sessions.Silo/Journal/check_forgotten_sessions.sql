select tracking.check_forgotten_sessions($1::text[], $2::uuid[], $3::integer[])
