select b.block_id, b.window_id, b.data
from   unnest(@ids::uuid[], @borns::date[]) as asked (block_id, born)
join   tracking.replay_blocks b
  on   b.project = @project and b.session_id = @session_id and b.block_id = asked.block_id and b.born = asked.born
