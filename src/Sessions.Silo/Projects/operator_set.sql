-- Sets the operator's key; null removes it.
with removed as (
    delete from tracking.operator where $1::bytea is null
)
insert into tracking.operator (sha256)
select $1::bytea
where  $1::bytea is not null
on conflict (is_only) do update set sha256 = excluded.sha256
