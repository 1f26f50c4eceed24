-- What a silo has to know to search recordings for rage and dead clicks. The journal's kind 6 has what was found. Recordings
-- from before this are searched when their session gets another block. Processes of earlier builds leave the columns as they
-- are.
alter table tracking.replays
    add column clicks_due      boolean not null default false,
    add column clicks_block    integer,
    add column clicks_searched integer,
    add column clicks_lease    timestamptz,
    add column clicks_after    timestamptz;

create index replays_with_clicks on tracking.replays (project, session_id) where clicks_due;
