-- The product reads and writes reminders itself, many in one statement, and of a range only those that are due soon:
-- the time is in the index, so that the millions that are not due cost a look at the index at most.
drop index orleans.orleansreminderstable_range;
create index orleansreminderstable_range on orleans.orleansreminderstable (serviceid, grainhash, starttime);

-- Nobody asks for Orleans' own statements any more.
delete from orleans.orleansquery
where querykey in (
    'UpsertReminderRowKey', 'ReadReminderRowsKey', 'ReadReminderRowKey', 'ReadRangeRows1Key', 'ReadRangeRows2Key',
    'DeleteReminderRowKey', 'DeleteReminderRowsKey');

-- Rows come and go with their sessions: they are cleaned up by how many went, not by a share of a table that is large.
alter table orleans.orleansreminderstable set (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000, autovacuum_vacuum_cost_delay = 0);
