-- Takes the lock of the retention work until the end of the transaction. Silos of earlier versions use the second lock.
select tracking.try_turn('tracking.turn_of_retention') and tracking.try_advisory_xact_lock(hashtext('tracking.retention'))
