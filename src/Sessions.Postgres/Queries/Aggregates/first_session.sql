-- When the project's first session began by a clock that was set, which shows times within these spans only. A session that
-- began by one that was not, and was set on the way, counts from its first event after that.
select min(first)
from   unnest(@from, @to) span (since, until)
cross join lateral (
    select min(s.start_timestamp) as first
    from   tracking.sessions s
    where  s.project = @project and s.start_timestamp >= span.since and s.start_timestamp < span.until
    union all
    select min(e.time)
    from   tracking.sessions s
    join   tracking.journal e on e.project = s.project and e.session_id = s.session_id and e.born = s.born
    where  s.project = @project and s.start_timestamp < span.since and s.end_timestamp >= span.since
      and  e.kind in (0, 1) and e.time >= span.since and e.time < span.until) its
