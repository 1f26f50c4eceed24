-- Where projects want to be told what happens to their sessions. The secrets sign what is sent, so they are kept as they
-- are; of two both are valid until former_until.
create table tracking.webhooks (
    id            uuid        primary key,
    project       text        not null references tracking.projects on delete cascade,
    url           text        not null check (url <> ''),
    events        text[]      not null check (cardinality(events) > 0),
    active        boolean     not null,
    secret        text        not null,
    former_secret text,
    former_until  timestamptz,
    created_at    timestamptz not null default now(),
    -- How often in a row all that was sent has failed, and until when it is left alone for that.
    failures      integer     not null default 0,
    rest_until    timestamptz not null default now(),
    gone_at       timestamptz, -- when it answered that it is gone for good (410) and was switched off for that
    check ((former_secret is null) = (former_until is null))
);

create index webhooks_by_project on tracking.webhooks (project, created_at);

-- The outbox: what is to be sent, written in the transaction in which it happened. No foreign key to the webhooks: an
-- event's transaction must not wait for somebody who changes one.
create table tracking.webhook_deliveries (
    webhook_id uuid        not null,
    id         uuid        not null,
    type       text        not null,
    session_id uuid,                 -- null for a test
    version    integer     not null, -- the session's, by which its deliveries go out in order
    state      text        not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
    attempts   integer     not null default 0,
    created_at timestamptz not null default now(),
    due_at     timestamptz not null default now(), -- while somebody is at it: when another may take it over
    settled_at timestamptz check ((settled_at is null) = (state = 'pending')),
    status     integer,              -- what the endpoint answered last
    error      text,                 -- what was wrong with the last attempt
    payload    text        check (payload is not null or state = 'delivered'), -- gone once it is delivered
    primary key (webhook_id, id)
) with (fillfactor = 80);

create index webhook_deliveries_due on tracking.webhook_deliveries (webhook_id, due_at) where state = 'pending';
create index webhook_deliveries_order on tracking.webhook_deliveries (webhook_id, session_id, version) where state = 'pending';
create index webhook_deliveries_waiting on tracking.webhook_deliveries (created_at) include (webhook_id) where state = 'pending';
create index webhook_deliveries_dead on tracking.webhook_deliveries (webhook_id, id) where state = 'dead';
create index webhook_deliveries_settled on tracking.webhook_deliveries (settled_at) where state <> 'pending';
