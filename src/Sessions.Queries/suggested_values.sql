-- The most frequent values of one property among a project's latest sessions. "column" is the name of a known column.
select value
from   (select {column}::text as value
        from   tracking.all_sessions
        where  project = @project
        order by start_timestamp desc, session_id desc
        limit  5000) latest
where  value <> '' and length(value) <= 300
group by value
order by count(*) desc, value collate "C"
limit  100
