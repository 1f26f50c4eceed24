update tracking.webhooks
set    former_secret = secret, former_until = now() + $4, secret = $3
where  project = $1 and id = $2
returning former_until
