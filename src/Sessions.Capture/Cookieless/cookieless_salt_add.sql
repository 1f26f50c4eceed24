insert into tracking.cookieless_salts (day, salt) values (@day, @salt)
on conflict do nothing
