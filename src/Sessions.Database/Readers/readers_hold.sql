select tracking.hold_readers($1, $2)
