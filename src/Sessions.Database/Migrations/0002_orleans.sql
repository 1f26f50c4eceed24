-- What Orleans keeps in Postgres: which silos there are, the state of grains, reminders.
-- Orleans' providers bring no SQL. They read the statements below from orleansquery at the start of a silo, which
-- finds that table through "Search Path=orleans" in its connection string. The names of tables, columns and
-- parameters are the usual ones, because people's tools know them.

create schema orleans;

create table orleans.orleansquery (
    querykey  varchar(64)   primary key,
    querytext varchar(8000) not null
);

-- Membership -------------------------------------------------------------------------------------------------------

create table orleans.orleansmembershipversiontable (
    deploymentid varchar(150)   primary key,
    timestamp    timestamptz(3) not null default now(),
    version      integer        not null default 0
);

create table orleans.orleansmembershiptable (
    deploymentid varchar(150)   not null,
    address      varchar(45)    not null,
    port         integer        not null,
    generation   integer        not null,
    siloname     varchar(150)   not null,
    hostname     varchar(150)   not null,
    status       integer        not null,
    proxyport    integer,
    suspecttimes varchar(8000),
    starttime    timestamptz(3) not null,
    iamalivetime timestamptz(3) not null,
    primary key (deploymentid, address, port, generation),
    foreign key (deploymentid) references orleans.orleansmembershipversiontable (deploymentid)
) with (fillfactor = 50); -- each silo writes its row over and over: leave room to do it in place

-- Grain state ------------------------------------------------------------------------------------------------------

create table orleans.orleansstorage (
    grainidhash            integer      not null,
    grainidn0              bigint       not null,
    grainidn1              bigint       not null,
    graintypehash          integer      not null,
    graintypestring        varchar(512) not null,
    grainidextensionstring varchar(512),
    serviceid              varchar(150) not null,
    payloadbinary          bytea,
    modifiedon             timestamp    not null default (now() at time zone 'utc'),
    version                integer      not null check (version > 0)
) with (fillfactor = 70);

-- Unique, or two first writes at the same moment would leave two rows and a grain that can never be read again.
create unique index orleansstorage_identity on orleans.orleansstorage
    (serviceid, grainidhash, graintypehash, grainidn0, grainidn1, graintypestring, grainidextensionstring)
    nulls not distinct;

-- Reminders --------------------------------------------------------------------------------------------------------

create table orleans.orleansreminderstable (
    serviceid    varchar(150)   not null,
    grainid      varchar(150)   not null,
    remindername varchar(150)   not null,
    starttime    timestamptz(3) not null,
    period       bigint         not null,
    grainhash    integer        not null,
    version      integer        not null,
    primary key (serviceid, grainid, remindername)
) with (fillfactor = 80);

-- Every silo reads the ranges of hashes that it owns, some 30 of them, every few minutes.
create index orleansreminderstable_range on orleans.orleansreminderstable (serviceid, grainhash);

-- The statements ---------------------------------------------------------------------------------------------------

insert into orleans.orleansquery (querykey, querytext) values

('InsertMembershipVersionKey', $sql$
    with inserted as (
        insert into orleans.orleansmembershipversiontable (deploymentid)
        values (@DeploymentId)
        on conflict do nothing
        returning 1
    )
    select count(*)::int from inserted
$sql$),

-- The version row is the lock: whoever raises it from the version that he has read may write; the others read again.
('InsertMembershipKey', $sql$
    with raised as (
        update orleans.orleansmembershipversiontable
        set timestamp = now(), version = version + 1
        where deploymentid = @DeploymentId
          and version = @Version
          and not exists (
              select from orleans.orleansmembershiptable
              where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
          )
        returning deploymentid
    ),
    inserted as (
        insert into orleans.orleansmembershiptable
            (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
        select deploymentid, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
        from raised
        returning 1
    )
    select count(*)::int from inserted
$sql$),

('UpdateMembershipKey', $sql$
    with raised as (
        update orleans.orleansmembershipversiontable
        set timestamp = now(), version = version + 1
        where deploymentid = @DeploymentId
          and version = @Version
          and exists (
              select from orleans.orleansmembershiptable
              where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
          )
        returning deploymentid
    ),
    updated as (
        update orleans.orleansmembershiptable m
        set status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
        from raised r
        where m.deploymentid = r.deploymentid and address = @Address and port = @Port and generation = @Generation
        returning 1
    )
    select count(*)::int from updated
$sql$),

('UpdateIAmAlivetimeKey', $sql$
    update orleans.orleansmembershiptable
    set iamalivetime = @IAmAliveTime
    where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$sql$),

('MembershipReadRowKey', $sql$
    select v.deploymentid, m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport,
           m.suspecttimes, m.starttime, m.iamalivetime, v.version
    from orleans.orleansmembershipversiontable v
    left join orleans.orleansmembershiptable m
        on m.deploymentid = v.deploymentid and m.address = @Address and m.port = @Port and m.generation = @Generation
    where v.deploymentid = @DeploymentId
$sql$),

('MembershipReadAllKey', $sql$
    select v.deploymentid, m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport,
           m.suspecttimes, m.starttime, m.iamalivetime, v.version
    from orleans.orleansmembershipversiontable v
    left join orleans.orleansmembershiptable m on m.deploymentid = v.deploymentid
    where v.deploymentid = @DeploymentId
$sql$),

('DeleteMembershipTableEntriesKey', $sql$
    with silos as (
        delete from orleans.orleansmembershiptable where deploymentid = @DeploymentId
    )
    delete from orleans.orleansmembershipversiontable where deploymentid = @DeploymentId
$sql$),

('GatewaysQueryKey', $sql$
    select address, proxyport, generation
    from orleans.orleansmembershiptable
    where deploymentid = @DeploymentId and status = @Status and proxyport > 0
$sql$),

-- Status 3 is an active silo.
('CleanupDefunctSiloEntriesKey', $sql$
    delete from orleans.orleansmembershiptable
    where deploymentid = @DeploymentId and status <> 3 and iamalivetime < @IAmAliveTime
$sql$),

('ReadFromStorageKey', $sql$
    select payloadbinary, modifiedon, version
    from orleans.orleansstorage
    where serviceid = @ServiceId and grainidhash = @GrainIdHash and graintypehash = @GrainTypeHash
      and grainidn0 = @GrainIdN0 and grainidn1 = @GrainIdN1 and graintypestring = @GrainTypeString
      and grainidextensionstring is not distinct from @GrainIdExtensionString
$sql$),

-- Without a version this is the first write. Nothing written means that somebody else wrote: the version goes back
-- unchanged, and Orleans makes a conflict of it.
('WriteToStorageKey', $sql$
    with updated as (
        update orleans.orleansstorage
        set payloadbinary = @PayloadBinary, modifiedon = now() at time zone 'utc', version = version + 1
        where serviceid = @ServiceId and grainidhash = @GrainIdHash and graintypehash = @GrainTypeHash
          and grainidn0 = @GrainIdN0 and grainidn1 = @GrainIdN1 and graintypestring = @GrainTypeString
          and grainidextensionstring is not distinct from @GrainIdExtensionString
          and version = @GrainStateVersion
        returning version
    ),
    inserted as (
        insert into orleans.orleansstorage
            (grainidhash, grainidn0, grainidn1, graintypehash, graintypestring, grainidextensionstring, serviceid,
             payloadbinary, version)
        select @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString, @ServiceId,
               @PayloadBinary, 1
        where @GrainStateVersion is null
        on conflict do nothing
        returning version
    )
    select coalesce((select version from updated), (select version from inserted), @GrainStateVersion) as newgrainstateversion
$sql$),

('ClearStorageKey', $sql$
    with cleared as (
        update orleans.orleansstorage
        set payloadbinary = null, modifiedon = now() at time zone 'utc', version = version + 1
        where serviceid = @ServiceId and grainidhash = @GrainIdHash and graintypehash = @GrainTypeHash
          and grainidn0 = @GrainIdN0 and grainidn1 = @GrainIdN1 and graintypestring = @GrainTypeString
          and grainidextensionstring is not distinct from @GrainIdExtensionString
          and version = @GrainStateVersion
        returning version
    )
    select coalesce((select version from cleared), @GrainStateVersion) as newgrainstateversion
$sql$),

('DeleteStorageKey', $sql$
    with deleted as (
        delete from orleans.orleansstorage
        where serviceid = @ServiceId and grainidhash = @GrainIdHash and graintypehash = @GrainTypeHash
          and grainidn0 = @GrainIdN0 and grainidn1 = @GrainIdN1 and graintypestring = @GrainTypeString
          and grainidextensionstring is not distinct from @GrainIdExtensionString
          and version = @GrainStateVersion
        returning version
    )
    select coalesce((select version + 1 from deleted), @GrainStateVersion) as newgrainstateversion
$sql$),

('UpsertReminderRowKey', $sql$
    insert into orleans.orleansreminderstable as r
        (serviceid, grainid, remindername, starttime, period, grainhash, version)
    values (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
    on conflict (serviceid, grainid, remindername) do update
    set starttime = excluded.starttime, period = excluded.period, grainhash = excluded.grainhash, version = r.version + 1
    returning version
$sql$),

('ReadReminderRowsKey', $sql$
    select grainid, remindername, starttime, period, version
    from orleans.orleansreminderstable
    where serviceid = @ServiceId and grainid = @GrainId
$sql$),

('ReadReminderRowKey', $sql$
    select grainid, remindername, starttime, period, version
    from orleans.orleansreminderstable
    where serviceid = @ServiceId and grainid = @GrainId and remindername = @ReminderName
$sql$),

('ReadRangeRows1Key', $sql$
    select grainid, remindername, starttime, period, version
    from orleans.orleansreminderstable
    where serviceid = @ServiceId and grainhash > @BeginHash and grainhash <= @EndHash
$sql$),

('ReadRangeRows2Key', $sql$
    select grainid, remindername, starttime, period, version
    from orleans.orleansreminderstable
    where serviceid = @ServiceId and (grainhash > @BeginHash or grainhash <= @EndHash)
$sql$),

('DeleteReminderRowKey', $sql$
    with deleted as (
        delete from orleans.orleansreminderstable
        where serviceid = @ServiceId and grainid = @GrainId and remindername = @ReminderName and version = @Version
        returning 1
    )
    select count(*)::int from deleted
$sql$),

('DeleteReminderRowsKey', $sql$
    delete from orleans.orleansreminderstable where serviceid = @ServiceId
$sql$);
