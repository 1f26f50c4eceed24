-- A project's API keys beside the one that the configuration gives it (tracking.projects), which always is an admin's.
-- Of a key only its hash is kept, and its last characters, by which people tell their keys apart.
create table tracking.api_keys (
    id         uuid        primary key,
    project    text        not null references tracking.projects on delete cascade,
    name       text        not null check (name <> ''),
    role       text        not null check (role in ('read', 'admin')),
    sha256     bytea       not null unique check (octet_length(sha256) = 32),
    ending     text        not null,
    created_at timestamptz not null default now()
);

create index api_keys_by_project on tracking.api_keys (project, created_at);
