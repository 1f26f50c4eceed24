-- What a file keeps of each session: its properties, what the view session_replays has beside them, and the hash of its id.
select s.*,
       r.end_timestamp as replay_end,
       r.event_count   as replay_event_count,
       r.block_count   as replay_block_count,
       r.bytes         as replay_bytes,
       r.first_url     as replay_first_url,
       r.source        as replay_source,
       r.library       as replay_library,
       md5(s.distinct_id)::uuid as id_hash
from   tracking.all_sessions s
left join tracking.replays r on r.project = s.project and r.session_id = s.session_id
