-- The operator's key, above all projects' keys. Only its hash is kept.
create table tracking.operator (
    is_only boolean primary key default true check (is_only),
    sha256  bytea   not null check (octet_length(sha256) = 32)
);

-- An archived project takes no events; everything can be read.
alter table tracking.projects add column archived_at timestamptz;

-- The operator signs in to no project in particular.
alter table tracking.sign_ins alter column project drop not null;
alter table tracking.sign_in_tickets alter column project drop not null;
