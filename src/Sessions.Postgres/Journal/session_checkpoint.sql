-- Brings sessions' rows up to their states. A state that is not newer than its row changes nothing. The rows are
-- locked in the order of their keys, so that two batches never wait for each other in a circle.
with asked as (
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
    ) as asked (
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
),
locked as (
    select asked.*
    from   tracking.sessions s
    join   asked using (project, session_id)
    where  s.number < asked.number
    order  by s.project, s.session_id
    for no key update of s
)
update tracking.sessions s
set (
    device_key, number, fold_version, fold, status,
    end_reason, start_timestamp, end_timestamp, distinct_id, device_id,
    entry_current_url, entry_pathname, entry_hostname, exit_current_url, exit_pathname,
    exit_hostname, entry_utm_source, entry_utm_campaign, entry_utm_medium, entry_utm_term,
    entry_utm_content, entry_referring_domain, entry_gclid, entry_gad_source, entry_fbclid,
    entry_msclkid, entry_gclsrc, entry_dclid, entry_gbraid, entry_wbraid,
    entry_twclid, entry_li_fat_id, entry_mc_cid, entry_igshid, entry_ttclid,
    entry_epik, entry_qclid, entry_sccid, entry__kx, entry_irclid,
    pageview_count, autocapture_count, screen_count, event_count, unique_url_count,
    channel_type, is_bounce, last_external_click_url, device_type, browser,
    os, country, entry_screen_name, exit_screen_name
) = (
    locked.device_key, locked.number, locked.fold_version, locked.fold, locked.status,
    locked.end_reason, locked.start_timestamp, locked.end_timestamp, locked.distinct_id, locked.device_id,
    locked.entry_current_url, locked.entry_pathname, locked.entry_hostname, locked.exit_current_url, locked.exit_pathname,
    locked.exit_hostname, locked.entry_utm_source, locked.entry_utm_campaign, locked.entry_utm_medium, locked.entry_utm_term,
    locked.entry_utm_content, locked.entry_referring_domain, locked.entry_gclid, locked.entry_gad_source, locked.entry_fbclid,
    locked.entry_msclkid, locked.entry_gclsrc, locked.entry_dclid, locked.entry_gbraid, locked.entry_wbraid,
    locked.entry_twclid, locked.entry_li_fat_id, locked.entry_mc_cid, locked.entry_igshid, locked.entry_ttclid,
    locked.entry_epik, locked.entry_qclid, locked.entry_sccid, locked.entry__kx, locked.entry_irclid,
    locked.pageview_count, locked.autocapture_count, locked.screen_count, locked.event_count, locked.unique_url_count,
    locked.channel_type, locked.is_bounce, locked.last_external_click_url, locked.device_type, locked.browser,
    locked.os, locked.country, locked.entry_screen_name, locked.exit_screen_name
)
from  locked
where s.project = locked.project and s.session_id = locked.session_id
