-- Past hours of sessions are not kept any more: questions are answered from columns, or from rows.
drop trigger mark_changed_hour_insert on tracking.sessions;
drop trigger mark_changed_hour_update on tracking.sessions;
drop trigger forget_deleted_hours on tracking.sessions;
drop function tracking.mark_changed_hour();
drop function tracking.forget_deleted_hours();

create or replace function tracking.session_forgotten(
    of_project text, of_session uuid, started timestamptz, ended timestamptz) returns void
language sql as $$ select $$;

drop function tracking.forget_hours(text, timestamptz[]);
drop table tracking.changed_hours, tracking.session_hours, tracking.kept_hours;
drop function tracking.new_version();
drop function tracking.hour_of(timestamptz);
