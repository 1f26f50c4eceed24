-- Whether a sign-in has neither ended nor expired.
select exists (select from tracking.sign_ins where id = $1 and expires_at > now())
