-- Whether it is this silo's turn, to the end of the transaction. One that is older holds another lock.
select tracking.try_turn('tracking.turn_of_retention') and tracking.try_advisory_xact_lock(hashtext('tracking.retention'))
