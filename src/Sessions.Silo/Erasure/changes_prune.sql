-- Two days are enough: columns that are older are written anew.
select tracking.remove_old_changes(interval '2 days')
