-- Keeps the holder known; no row when it was forgotten.
update tracking.copy_holders set seen_at = now() where holder = $1 returning holder
