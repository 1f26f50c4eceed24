-- Stores replay blocks. One that is there already is the same in every byte: it only becomes young again, for whoever
-- sent it once more is about to have it counted.
insert into tracking.replay_blocks as b (project, session_id, block_id, born, window_id, plain_size, data, stored_at)
-- Not "from unnest(…)": that would copy all bytes into a table of its own before the first row is written.
select unnest($1::text[]), unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::date[]), unnest($5::text[]),
       unnest($6::integer[]), unnest($7::bytea[]), now()
on conflict (project, session_id, block_id, born) do update set stored_at = excluded.stored_at
