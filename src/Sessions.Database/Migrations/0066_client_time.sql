-- When an event happened by its client's own clock: what stays the same when the event is sent again, whereas "time" is
-- corrected anew for each request. Null where the client named no time, and in rows from before.
alter table tracking.journal add column client_time timestamptz;
