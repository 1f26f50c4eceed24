insert into tracking.page_keys (name, xml)
select @name, @xml
where  not exists (
    select from tracking.page_keys where xml like '<key %' and added_at > now() - interval '1 minute')
