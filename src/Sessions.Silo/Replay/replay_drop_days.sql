select tracking.drop_empty_replay_partitions($1)
