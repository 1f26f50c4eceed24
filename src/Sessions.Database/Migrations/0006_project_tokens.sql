-- A project's token is set by the configuration, and may be changed through the API. What the configuration said last
-- is kept, so that a restart with the same configuration does not undo a change.
alter table tracking.projects add column configured_token text;
