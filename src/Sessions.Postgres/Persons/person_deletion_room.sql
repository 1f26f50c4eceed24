-- How many deletions wait, and how many ids are refused, to be held against the limits.
select (select count(*) from (select from tracking.person_deletions where finished_at is null limit $1 + 1) waiting),
       (select count(*) from (select from tracking.forgotten_ids limit $2 + 1) refused)
