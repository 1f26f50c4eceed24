select tracking.ensure_partitions($1, $2), tracking.ensure_replay_partitions($1, $2)
