-- An hour of which a session or some of its events are taken is not used until it has been counted anew, and what it
-- holds of them goes at once.
create or replace function tracking.session_forgotten(
    of_project text, of_session uuid, started timestamptz, ended timestamptz) returns void
language sql as $$ select tracking.forget_hours(of_project, array[started]) where started is not null $$;
