-- Ends sessions whose rows are up to date except for the end. Only the columns of the end change.
update tracking.sessions s
set    number = asked.number, fold_version = asked.fold_version, fold = asked.fold,
       status = asked.status, end_reason = asked.end_reason
from   unnest($1::text[], $2::uuid[], $3::integer[], $4::smallint[], $5::bytea[], $6::text[], $7::text[])
       as asked (project, session_id, number, fold_version, fold, status, end_reason)
where  s.project = asked.project and s.session_id = asked.session_id and s.number = asked.number - 1
