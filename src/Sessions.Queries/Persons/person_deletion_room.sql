-- The number of pending deletions and of refused ids, to check them against the limits.
select (select count(*) from (select from tracking.person_deletions where finished_at is null limit $1 + 1) waiting),
       (select count(*) from (select from tracking.forgotten_ids limit $2 + 1) refused)
