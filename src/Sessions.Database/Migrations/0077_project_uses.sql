-- How much each gateway has taken of each project on each day (of UTC), for quotas. A gateway writes its totals every few
-- seconds. It has a new id after each start, so its rows are never written by two processes.
create table tracking.project_uses (
    day        date        not null,
    project    text        not null,
    gateway    uuid        not null,
    events     bigint      not null,
    bytes      bigint      not null,
    written_at timestamptz not null,
    primary key (day, project, gateway)
)
-- Rows are rewritten in place.
with (fillfactor = 50);
