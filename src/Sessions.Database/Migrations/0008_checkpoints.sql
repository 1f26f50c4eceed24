-- A silo that is busy brings its rows up to date less often, so how far they are says no more whether it lives.
alter table tracking.checkpoints add column seen_at timestamptz not null default now();

-- Rows are written over and over in their places. What is left of their old versions is cleaned up by how many there
-- are; waiting for a fifth of a table of millions would let it grow for hours.
alter table tracking.sessions set (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05);
alter table tracking.devices set (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
