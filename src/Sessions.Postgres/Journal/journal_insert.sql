insert into tracking.journal (
    project, session_id, number, born, kind, event_id, time, received_at,
    event, distinct_id, device_id, window_id, device_key, properties
)
select * from unnest(
    $1::text[], $2::uuid[], $3::integer[], $4::date[], $5::smallint[], $6::uuid[], $7::timestamptz[], $8::timestamptz[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::jsonb[]
)
