-- Moves a merge of ids to a later day if one of the ids has a session of that day, so that the merge stays.
update tracking.identities i
set    born = kept.born
from   (
           select its.ctid as row, other.born
           from   tracking.identities its
           cross  join lateral (
               select s.born
               from   tracking.sessions s
               where  s.project = its.project and s.distinct_id in (its.anonymous_id, its.distinct_id) and s.born <> $1
               limit  1
           ) other
           where  its.born = $1 and its.project = $2
       ) kept
where  i.ctid = kept.row
