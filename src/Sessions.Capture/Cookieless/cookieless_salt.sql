select salt from tracking.cookieless_salts where day = @day
