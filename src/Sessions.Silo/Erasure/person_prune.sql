-- Deletes old records of deletions and old audit entries.
with ids as (
    delete from tracking.forgotten_ids where until < now() - $1
), sessions as (
    delete from tracking.forgotten_sessions where forgotten_at < now() - $1 returning project, session_id, born, number
), fences as (
    delete from tracking.journal j
    using  sessions s
    where  j.project = s.project and j.session_id = s.session_id and j.born = s.born and j.number = s.number and j.kind = 5
), deletions as (
    delete from tracking.person_deletions where finished_at < now() - $2
)
delete from tracking.audit where at < now() - $2
