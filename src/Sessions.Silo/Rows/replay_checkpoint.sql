-- Updates the rows of sessions' replays to the sessions' states. A state that is not newer changes nothing, and neither
-- does the state of a deleted session. The session's row is locked, so that it can't be deleted in between.
insert into tracking.replays as r (
    project, session_id, number, start_timestamp, end_timestamp, click_count, keypress_count, mouse_activity_count,
    active_ms, console_log_count, console_warn_count, console_error_count, event_count, block_count, bytes,
    first_url, source, library, clicks_block, clicks_due
)
select asked.*
from   unnest(
           $1::text[], $2::uuid[], $3::integer[], $4::timestamptz[], $5::timestamptz[], $6::integer[], $7::integer[],
           $8::integer[], $9::bigint[], $10::integer[], $11::integer[], $12::integer[], $13::bigint[], $14::bigint[],
           $15::bigint[], $16::text[], $17::text[], $18::text[],
           $19::integer[], $20::boolean[]
       ) as asked (
           project, session_id, number, start_timestamp, end_timestamp, click_count, keypress_count, mouse_activity_count,
           active_ms, console_log_count, console_warn_count, console_error_count, event_count, block_count, bytes,
           first_url, source, library, clicks_block, clicks_due
       )
join   tracking.sessions s on s.project = asked.project and s.session_id = asked.session_id
order  by asked.project, asked.session_id
for    key share of s
on conflict (project, session_id) do update set (
    number, start_timestamp, end_timestamp, click_count, keypress_count, mouse_activity_count,
    active_ms, console_log_count, console_warn_count, console_error_count, event_count, block_count, bytes,
    first_url, source, library, clicks_block, clicks_due
) = (
    excluded.number, excluded.start_timestamp, excluded.end_timestamp, excluded.click_count, excluded.keypress_count,
    excluded.mouse_activity_count, excluded.active_ms, excluded.console_log_count, excluded.console_warn_count,
    excluded.console_error_count, excluded.event_count, excluded.block_count, excluded.bytes,
    excluded.first_url, excluded.source, excluded.library, excluded.clicks_block, excluded.clicks_due
)
where r.number < excluded.number
