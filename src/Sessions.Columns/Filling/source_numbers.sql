-- The last number of sessions in the journal. A fence alone (kind 5) is not waited for: it stands for a session that is gone.
select session_id, max(number), bool_or(kind <> 5)
from   tracking.journal
where  project = $1 and session_id = any ($2)
group  by session_id
