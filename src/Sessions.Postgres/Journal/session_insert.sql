-- Writes sessions' rows for the first time. That one is there already fails the transaction: another activation
-- has opened the session.
insert into tracking.sessions (
    project, session_id, device_key, born, number,
    fold_version, fold, status, end_reason, start_timestamp,
    end_timestamp, distinct_id, device_id, entry_current_url, entry_pathname,
    entry_hostname, exit_current_url, exit_pathname, exit_hostname, entry_utm_source,
    entry_utm_campaign, entry_utm_medium, entry_utm_term, entry_utm_content, entry_referring_domain,
    entry_gclid, entry_gad_source, entry_fbclid, entry_msclkid, entry_gclsrc,
    entry_dclid, entry_gbraid, entry_wbraid, entry_twclid, entry_li_fat_id,
    entry_mc_cid, entry_igshid, entry_ttclid, entry_epik, entry_qclid,
    entry_sccid, entry__kx, entry_irclid, pageview_count, autocapture_count,
    screen_count, event_count, unique_url_count, channel_type, is_bounce,
    last_external_click_url, device_type, browser, os, country,
    entry_screen_name, exit_screen_name
)
select * from unnest(
    $1::text[], $2::uuid[], $3::text[], $4::date[], $5::integer[],
    $6::smallint[], $7::bytea[], $8::text[], $9::text[], $10::timestamptz[],
    $11::timestamptz[], $12::text[], $13::text[], $14::text[], $15::text[],
    $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],
    $21::text[], $22::text[], $23::text[], $24::text[], $25::text[],
    $26::text[], $27::text[], $28::text[], $29::text[], $30::text[],
    $31::text[], $32::text[], $33::text[], $34::text[], $35::text[],
    $36::text[], $37::text[], $38::text[], $39::text[], $40::text[],
    $41::text[], $42::text[], $43::text[], $44::integer[], $45::integer[],
    $46::integer[], $47::integer[], $48::integer[], $49::text[], $50::boolean[],
    $51::text[], $52::text[], $53::text[], $54::text[], $55::text[],
    $56::text[], $57::text[]
)
