-- Inserts the rows of new sessions. If a row exists already, another activation has opened the session, and the
-- transaction fails.
insert into tracking.sessions ({columns})
select {rows} from unnest({arrays}) as asked ({columns})
