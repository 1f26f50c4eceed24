update tracking.copies set clean_from = $3::text::xid8 where project = $1 and holder = $2
