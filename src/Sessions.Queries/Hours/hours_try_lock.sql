-- Takes the lock of the aggregation until the end of the transaction. Silos of earlier versions use the second lock.
select tracking.try_turn('tracking.turn_of_hours') and tracking.try_advisory_xact_lock(hashtext('tracking.session_hours'))
