update tracking.audit set result = $2, detail = coalesce(detail, '{}') || coalesce($3, '{}') where id = $1
