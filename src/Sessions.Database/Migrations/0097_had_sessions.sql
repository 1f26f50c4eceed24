-- Whether retention has taken sessions of a project away. Without it a project that has none any more would look like one
-- that never had one. Silos of earlier builds leave the column as it is.
alter table tracking.projects add column had_sessions boolean not null default false;
