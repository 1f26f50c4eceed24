-- Ends a sign-in, or with null all that used the same key.
delete from tracking.sign_ins
where  project is not distinct from $1 and key_mark = $2 and ($3::uuid is null or id = $3)
