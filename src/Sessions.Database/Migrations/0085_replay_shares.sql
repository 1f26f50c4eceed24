-- Links that show one recording without sign-in. Only the hash of a link's secret is kept.
create table tracking.replay_shares (
    id         uuid        primary key,
    sha256     bytea       not null unique check (octet_length(sha256) = 32),
    project    text        not null,
    session_id uuid        not null,
    born       date        not null, -- the session's, as it was when the link was made
    up_to      integer     not null, -- the journal number of the last block that there was then
    created_by text        not null, -- what people call the key
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);

create index replay_shares_by_session on tracking.replay_shares (project, session_id);
create index replay_shares_by_end     on tracking.replay_shares (expires_at);

-- Links that work: not expired, and something of what was shared is still there. A recording that was deleted and recorded
-- anew is another one, however it was deleted.
create view tracking.open_replay_shares as
select l.*
from   tracking.replay_shares l
join   tracking.projects p on p.project = l.project and p.deleting_at is null
join   tracking.sessions s on s.project = l.project and s.session_id = l.session_id and s.born = l.born
where  l.expires_at > now()
  and  exists (
           select
           from   tracking.journal j
           where  j.project = l.project and j.session_id = l.session_id and j.born = l.born
             and  j.kind = 3 and j.number <= l.up_to
             and  j.number > coalesce((
                      select max(forgotten.number)
                      from   tracking.journal forgotten
                      where  forgotten.project = l.project and forgotten.session_id = l.session_id
                        and  forgotten.born = l.born and forgotten.kind = 4), 0));
