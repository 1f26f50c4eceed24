-- Stores replay blocks. One that is there already is the same in every byte: it only becomes young again, for whoever
-- sent it once more is about to have it counted.
insert into tracking.replay_blocks as b (project, session_id, block_id, born, stored_at, window_id, plain_size, data)
select project, session_id, block_id, born, now(), window_id, plain_size, data
from   unnest($1::text[], $2::uuid[], $3::uuid[], $4::date[], $5::text[], $6::integer[], $7::bytea[])
       as asked (project, session_id, block_id, born, window_id, plain_size, data)
on conflict (project, session_id, block_id, born) do update set stored_at = excluded.stored_at
