-- Updates sessions' rows to their states. A state that is not newer than its row changes nothing, unless the row's state
-- was damaged, or marked to be folded again (version 0). The rows are locked in the order of their keys, so that two
-- batches can't deadlock.
with asked as (
    select * from unnest({arrays}) as asked ({columns})
),
locked as (
    select asked.*
    from   tracking.sessions s
    join   asked using (project, session_id)
    where  s.number < asked.number
       or  (s.number = asked.number and s.fold_version in (0, asked.fold_version) and s.fold <> asked.fold)
    order  by s.project, s.session_id
    for no key update of s
)
update tracking.sessions s
set ({changing}) = ({changed})
from  locked
where s.project = locked.project and s.session_id = locked.session_id
