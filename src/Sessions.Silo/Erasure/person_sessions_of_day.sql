-- The sessions of a day that have entries of a person. It reads the whole day, because there is no index from persons
-- to entries.
select distinct session_id
from   tracking.journal
where  project = $1 and born = $2 and distinct_id = any($3::text[]) and time <= $4 and kind in (0, 1, 3)
