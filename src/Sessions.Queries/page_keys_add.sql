insert into tracking.page_keys (name, xml) values (@name, @xml)
