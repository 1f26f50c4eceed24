-- Of reminders it is only asked which are due by now: by time, whoever's they are.
drop index orleans.orleansreminderstable_range;
create index orleansreminderstable_due on orleans.orleansreminderstable (serviceid, starttime);
