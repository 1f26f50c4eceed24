select tracking.ensure_partitions($1, $2)
