-- The sessions of a day that have anything of a person's. It reads the day: no index leads from persons to entries.
select distinct session_id
from   tracking.journal
where  project = $1 and born = $2 and distinct_id = any($3::text[]) and time <= $4 and kind in (0, 1, 3)
