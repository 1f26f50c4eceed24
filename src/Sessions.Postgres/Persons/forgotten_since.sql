-- Whose events are refused, as far as it changed after a generation; one row without anybody when nothing did.
select g.generation, k.key, f.project, f.mark, f.until
from   tracking.forgotten_generation g
cross  join tracking.person_key k
left   join tracking.forgotten_ids f on f.generation > $1
