select tracking.remove_readers($1)::text
