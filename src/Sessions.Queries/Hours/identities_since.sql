-- Identities that an earlier snapshot may have missed: those that were written by its oldest running transaction or
-- later ones.
select anonymous_id, distinct_id, kind, arrived from tracking.identities where project = $1 and written_in >= $2
