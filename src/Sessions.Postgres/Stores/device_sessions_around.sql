-- The sessions that a time may belong to began before it, or at most an idle timeout after it.
select session_id, fold_version, fold
from   tracking.sessions
where  project = $1 and device_key = $2 and start_timestamp <= $3
order  by start_timestamp desc
limit  $4
