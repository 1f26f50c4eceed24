-- Stores replay blocks. An existing block has the same bytes, so only its time is updated: its summary is about to be
-- counted, and the sweep must not delete it before.
insert into tracking.replay_blocks as b (project, session_id, block_id, born, window_id, plain_size, data, stored_at)
-- Not "from unnest(…)", which would copy all bytes into a temporary table before it writes the first row.
select unnest($1::text[]), unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::date[]), unnest($5::text[]),
       unnest($6::integer[]), unnest($7::bytea[]), now()
on conflict (project, session_id, block_id, born) do update set stored_at = excluded.stored_at
