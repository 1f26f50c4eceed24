insert into tracking.journal (
    project, session_id, number, born, kind, event_id, time, received_at,
    event, distinct_id, device_id, window_id, device_key, properties, sender_order, client_time
)
-- Not "from unnest()": Postgres would first copy all rows into a temporary store.
select unnest($1::text[]), unnest($2::uuid[]), unnest($3::integer[]), unnest($4::date[]), unnest($5::smallint[]),
       unnest($6::uuid[]), unnest($7::timestamptz[]), unnest($8::timestamptz[]), unnest($9::text[]), unnest($10::text[]),
       unnest($11::text[]), unnest($12::text[]), unnest($13::text[]), unnest($14::jsonb[]),
       unnest($15::bigint[]), unnest($16::timestamptz[])
