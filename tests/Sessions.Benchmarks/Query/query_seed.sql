-- Sessions of 90 days, ten events each, in the project "default". A session's day decides its partition.
select tracking.ensure_partitions(day::date, 1)
from   generate_series(current_date - 90, current_date, interval '2 days') day;

create temporary table seed as
select i,
       md5('s' || i)::uuid                                                                     as session_id,
       date_trunc('second', now()) - interval '90 days' + make_interval(secs => i * 90.0 * 86400 / {sessions}) as start,
       abs(hashint4(i + 7)) % 600000 / 1000.0                                                   as seconds,
       abs(hashint4(i))                                                                         as h,
       case when i % 10 < 3 then 'user-' || i % 60000 else 'anon-0190a1b2-7c3d-7000-' || i % 400000 end as distinct_id
from   generate_series(1, {sessions}) i;

insert into tracking.sessions (
    project, session_id, device_key, born, number, fold_version, fold, status, end_reason, start_timestamp, end_timestamp,
    distinct_id, device_id, entry_current_url, entry_pathname, entry_hostname, exit_pathname, entry_utm_source,
    entry_referring_domain, channel_type, is_bounce, pageview_count, autocapture_count, screen_count, event_count,
    unique_url_count, device_type, browser, os, event_names)
select 'default', session_id, 'd' || i % 400000, start::date, 10, 1, decode(repeat('ab', 120), 'hex'), 'ended', 'idle', start,
       start + make_interval(secs => seconds), distinct_id, 'd' || i % 400000, 'https://x.example/p' || h % 200, '/p' || h % 200,
       'x.example', '/p' || h % 170, (array['google', 'mail', 'news'])[1 + h % 5], (array['google.com', 'bing.com', 't.co'])[1 + h % 4],
       (array['Direct', 'Organic Search', 'Paid Search', 'Referral', 'Organic Social'])[1 + h % 5], seconds < 10, 3, 7, 0, 10,
       1 + h % 3, (array['Desktop', 'Mobile', 'Tablet'])[1 + h % 3], (array['Chrome', 'Safari', 'Firefox'])[1 + h % 3],
       (array['Windows', 'iOS', 'Android', 'Linux'])[1 + h % 4],
       array_remove(array[
           case when i % 20 = 0 then '$identify' else '$pageview' end, '$autocapture', case when i % 20 = 0 then '$pageview' end,
           case when i % 50 = 0 then 'signup' end], null)
from   seed;

insert into tracking.journal (
    project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, device_id, window_id, properties)
select 'default', session_id, n, start::date, 0, md5('e' || i || '-' || n)::uuid, start + make_interval(secs => seconds * (n - 1) / 9),
       start + make_interval(secs => seconds * (n - 1) / 9),
       case when n = 1 and i % 20 = 0 then '$identify' when n % 3 = 1 then '$pageview' when n % 10 = 9 and i % 50 = 0 then 'signup' else '$autocapture' end,
       distinct_id, 'd' || i % 400000, 'w',
       -- What posthog-js sends with an event, some 750 characters.
       jsonb_build_object(
           '$current_url', 'https://x.example/p' || (h + n) % 200, '$pathname', '/p' || (h + n) % 200, '$referring_domain', (array['google.com', 'bing.com', 't.co'])[1 + h % 4],
           '$browser', (array['Chrome', 'Safari', 'Firefox'])[1 + h % 3], '$browser_version', 100 + h % 41,
           '$os', (array['Windows', 'iOS', 'Android', 'Linux'])[1 + h % 4], '$os_version', '10.' || h % 7,
           '$device_type', (array['Desktop', 'Mobile', 'Tablet'])[1 + h % 3],
           '$raw_user_agent', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/' || 100 + h % 41
               || '.0.0.0 Safari/537.36',
           '$screen_width', (array[1920, 390, 1440, 1536])[1 + h % 4], '$screen_height', (array[1080, 844, 900, 864])[1 + h % 4],
           '$viewport_width', 300 + h % 1600, '$timezone', 'Europe/Berlin', '$lib', 'web', '$lib_version', '1.2' || 50 + h % 9 || '.0',
           '$device_id', 'd' || i % 400000, '$session_id', session_id, '$window_id', md5('w' || i)::uuid,
           '$pageview_id', md5('v' || i || '-' || (n - 1) / 3)::uuid, '$insert_id', substr(md5('n' || i || '-' || n), 1, 16),
           '$time', extract(epoch from start) + n, '$anon_distinct_id', 'anon-0190a1b2-7c3d-7000-' || (i * 7) % 400000, 'plan', (array['free', 'pro', 'team', 'free'])[1 + h % 4])
       -- One pageview of a hundred sessions has it.
       || case when n = 4 and i % 100 = 0 then jsonb_build_object('coupon', 'c' || h % 7) else '{}' end
from   seed, generate_series(1, 10) n;

drop table seed;
