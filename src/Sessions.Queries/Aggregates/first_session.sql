-- When the project's data begins: at the first session whose clock was set, or, for a session that began before its
-- clock was set, at its first event after that. Each session is looked up separately ("offset 0"), because the planner
-- overestimates the ranges.
select least(
    (select min(its.first)
     from   unnest(@set_from, @set_to) span (since, until)
     cross join lateral (
         select min(s.start_timestamp) as first
         from   tracking.sessions s
         where  s.project = @project and s.start_timestamp >= span.since and s.start_timestamp < span.until) its),
    (select min(its.first)
     from   unnest(@unset_from, @unset_to) span (since, until)
     cross join lateral (
         select s.session_id, s.born
         from   tracking.sessions s
         where  s.project = @project and s.start_timestamp >= span.since and s.start_timestamp < span.until
           and  s.end_timestamp >= span.until
         offset 0) late
     cross join lateral (
         select min(e.time) as first
         from   tracking.journal e
         where  e.project = @project and e.session_id = late.session_id and e.born = late.born and e.kind in (0, 1)
           and  exists (select from unnest(@set_from, @set_to) known (since, until) where e.time >= known.since and e.time < known.until)) its))
