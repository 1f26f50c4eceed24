-- Whether anything is stored with an id, as far as indexes show.
select exists (select from tracking.sessions   where project = $1 and distinct_id = $2)
    or exists (select from tracking.identities where project = $1 and distinct_id = $2)
    or exists (select from tracking.identities where project = $1 and anonymous_id = $2)
