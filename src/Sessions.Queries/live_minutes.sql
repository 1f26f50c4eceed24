-- How many sessions began in each of the last minutes before a time: the age of the minute, and the number. "source" is the
-- sessions' table, or their view when there are filters.
select   floor(extract(epoch from $2 - s.start_timestamp) / 60)::integer as age, count(*)
from     {source} s
where    s.project = $1 and s.start_timestamp > $2 - $3 * interval '1 minute' and s.start_timestamp <= $2 and {filters}
group by 1
