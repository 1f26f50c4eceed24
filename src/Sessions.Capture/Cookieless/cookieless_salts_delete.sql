delete from tracking.cookieless_salts where day < @oldest
