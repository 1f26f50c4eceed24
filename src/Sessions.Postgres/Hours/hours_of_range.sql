-- Up to when hours are kept, and how many sessions those of a range hold.
select k.format, k.kept_until, now(),
       (select coalesce(sum(h.count), 0)
        from   tracking.session_hours h
        where  h.project = k.project and h.hour >= tracking.hour_of($2) and h.hour < $3)
from   tracking.kept_hours k
where  k.project = $1
