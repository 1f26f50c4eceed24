-- Before a file is written: from now on deletions wait for it.
insert into tracking.copies (project, holder, clean_from) values ($1, $2, '0')
on conflict (project, holder) do update set clean_from = excluded.clean_from
