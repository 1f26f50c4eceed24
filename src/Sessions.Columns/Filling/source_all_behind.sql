-- The sessions whose row is behind their journal, or is missing, with its number.
select j.session_id, j.number, coalesce(s.number, -1)
from   (
           select session_id, max(number) as number, bool_or(kind <> 5) as has_entries
           from   tracking.journal
           where  project = $1
           group  by session_id
       ) j
left   join tracking.sessions s on s.project = $1 and s.session_id = j.session_id
where  s.number < j.number or (s.number is null and j.has_entries)
