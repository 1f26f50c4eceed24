insert into tracking.copy_holders (holder, name) values ($1, $2) on conflict (holder) do update set seen_at = now()
