-- Sessions by their ids, with the number up to which each row follows the journal.
select {columns}, s.number
from   tracking.all_sessions v
join   tracking.sessions s on s.project = v.project and s.session_id = v.session_id
where  v.project = $1 and v.session_id = any ($2)
