using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Orleans.Configuration;
using Sessions.Database;
using Sessions.Database.Connections;
using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Domain.Folding;
using Sessions.Silo.PersonData;
using Sessions.Silo.Reminders;
using Sessions.Silo.Rows;

namespace Sessions.Silo.Devices;

/// <summary>Reads and writes devices' epochs, reminders and sessions in Postgres.</summary>
internal sealed class DeviceStore : IDeviceStore, IAsyncDisposable
{
    // One more than a device keeps in memory, to find out whether it has others.
    private const int LatestSessions = 8;

    private static readonly string RaiseEpochs = SqlFile.Read("device_open.sql");
    private static readonly string ReadEpochs = SqlFile.Read("device_epochs.sql");
    private static readonly string ReadLatest = SqlFile.Read("device_sessions.sql");
    private static readonly string ReadAround = SqlFile.Read("device_sessions_around.sql");
    private static readonly string ReadReminders = SqlFile.Read("reminder_versions.sql");
    private static readonly string CheckForgotten = SqlFile.Read("check_forgotten.sql");

    private readonly NpgsqlDataSource _database;
    private readonly ReminderRows _reminders;
    private readonly ForgottenPersons _forgotten;
    private readonly IStoreHistory? _history;
    private readonly string _service;
    private readonly BatchReader<Opening, OpenedDevice> _opener;
    private readonly BatchReader<UserDeviceKey, long> _epochs;

    public DeviceStore(
        NpgsqlDataSource database,
        ReminderRows reminders,
        ForgottenPersons forgotten,
        IOptions<ClusterOptions> cluster,
        ILogger<DeviceStore> log,
        IStoreHistory? history = null)
    {
        _database = database;
        _reminders = reminders;
        _forgotten = forgotten;
        _history = history;
        _service = cluster.Value.ServiceId;
        _opener = new BatchReader<Opening, OpenedDevice>(Read, readers: 2, maxBatch: 500, maxWaiting: 100_000, log);
        _epochs = new(EpochsOf, readers: 1, maxBatch: 500, maxWaiting: 100_000, log);
    }

    public StoreHistory? History => _history?.Current;

    public Task<OpenedDevice?> Open(
        UserDeviceKey device, DateTimeOffset? reminderDue, long erasureGeneration, bool leaveUnknown = false) =>
        _opener.Ask(new Opening(device, reminderDue, erasureGeneration, leaveUnknown));

    public Task<int> Remind(UserDeviceKey device, DateTimeOffset due) => _reminders.Upsert(DeviceReminder.Entry(device, due));

    public Task RemindNoMore(UserDeviceKey device, int version) =>
        _reminders.Remove(DeviceReminder.GrainOf(device), DeviceReminder.Name, version);

    public Task<long> EpochOf(UserDeviceKey device) => _epochs.Ask(device);

    public async Task<IReadOnlyList<SessionCheckpoint>> SessionsAround(
        UserDeviceKey device, DateTimeOffset time, TimeSpan idleTimeout)
    {
        try
        {
            await using NpgsqlCommand command = _database.CreateCommand(ReadAround);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = device.Project });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = device.Device });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = time });
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = idleTimeout });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LatestSessions });
            var sessions = new Dictionary<Guid, SessionCheckpoint>();
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                sessions.TryAdd(reader.GetGuid(0), Standing(reader, 0));
            }

            return [.. sessions.Values];
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("Postgres can't be read now.", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _opener.DisposeAsync();
        await _epochs.DisposeAsync();
    }

    private async Task<IReadOnlyDictionary<UserDeviceKey, long>> EpochsOf(IReadOnlyList<UserDeviceKey> devices)
    {
        await using NpgsqlCommand command = _database.CreateCommand(ReadEpochs);
        command.Parameters.Add(Columns.Text(devices, device => device.Project));
        command.Parameters.Add(Columns.Text(devices, device => device.Device));
        var epochs = new Dictionary<(string, string), long>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            epochs[(reader.GetString(0), reader.GetString(1))] = reader.GetInt64(2);
        }

        return devices.ToDictionary(device => device, device => epochs.GetValueOrDefault((device.Project, device.Device)));
    }

    private async Task<IReadOnlyDictionary<Opening, OpenedDevice>> Read(IReadOnlyList<Opening> openings)
    {
        while (openings.Count > 0)
        {
            try
            {
                return await OpenAllWritten(openings);
            }
            catch (PostgresException refused) when (refused.SqlState == Failures.Forgotten)
            {
                // Nothing was written. Openings for events that were checked with an older list return null, so that
                // their callers check the events again. The other openings go on.
                await _forgotten.Refresh();
                openings = [.. openings.Where(opening => opening.ErasureGeneration >= _forgotten.Generation)];
            }
        }

        return new Dictionary<Opening, OpenedDevice>();
    }

    private async Task<IReadOnlyDictionary<Opening, OpenedDevice>> OpenAllWritten(IReadOnlyList<Opening> openings)
    {
        Dictionary<Opening, OpenedDevice> opened = await OpenAll(openings);
        // Sessions can outlive their device's row. Such a device needs its row before it acts on them.
        Opening[] withSessions =
        [
            .. opened.Where(one => one.Value is { IsUnknown: true } and not { Sessions.Count: 0, Reminder: null })
                .Select(one => one.Key with { LeaveUnknown = false }),
        ];
        if (withSessions.Length > 0)
        {
            foreach ((Opening opening, OpenedDevice device) in await OpenAll(withSessions))
            {
                opened[opening] = device;
            }
        }

        return opened;
    }

    private async Task<Dictionary<Opening, OpenedDevice>> OpenAll(IReadOnlyList<Opening> openings)
    {
        // Sorted by key, so that two silos that open the same devices can't deadlock.
        Opening[] ordered = [.. openings
            .OrderBy(opening => opening.Device.Project, StringComparer.Ordinal)
            .ThenBy(opening => opening.Device.Device, StringComparer.Ordinal)];
        UserDeviceKey[] sorted = [.. ordered.Select(opening => opening.Device)];
        Opening[] reminded = [.. ordered.Where(opening => opening.ReminderDue is not null)];
        string[] unreminded =
            [.. ordered.Where(opening => opening.ReminderDue is null).Select(opening => DeviceReminder.GrainOf(opening.Device).ToString())];
        await using NpgsqlConnection connection = await _database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        // One commit for the epochs and the reminders, because callers wait for both.
        NpgsqlBatchCommand raise = Over(RaiseEpochs, sorted);
        raise.Parameters.Add(Columns.Of(ordered, opening => opening.LeaveUnknown, NpgsqlDbType.Boolean));
        batch.BatchCommands.Add(raise);
        if (reminded.Length > 0)
        {
            batch.BatchCommands.Add(_reminders.UpsertKnownCommand(
                [.. reminded.Select(opening => (DeviceReminder.Entry(opening.Device, opening.ReminderDue!.Value), opening.Device))]));
        }

        if (unreminded.Length > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadReminders)
            {
                Parameters =
                {
                    new NpgsqlParameter<string> { TypedValue = _service },
                    Columns.Text(unreminded, grain => grain),
                    new NpgsqlParameter<string> { TypedValue = DeviceReminder.Name },
                },
            });
        }

        NpgsqlBatchCommand latest = Over(ReadLatest, sorted);
        latest.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LatestSessions + 1 });
        batch.BatchCommands.Add(latest);
        // Must be the last statement: it rolls the batch back if the batch would create a device of a deleted person
        // again.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(CheckForgotten)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = ordered.Min(opening => opening.ErasureGeneration) } },
        });

        var epochs = new Dictionary<(string, string), (long Epoch, string? HandedTo, bool IsKnown)>();
        var reminders = new Dictionary<string, int>();
        var sessions = new Dictionary<(string, string), DeviceRows>();
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            epochs[(reader.GetString(0), reader.GetString(1))] =
                (reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetBoolean(4));
        }

        if (reminded.Length > 0)
        {
            await reader.NextResultAsync();
            while (await reader.ReadAsync())
            {
                reminders[reader.GetString(0)] = reader.GetInt32(2);
            }
        }

        if (unreminded.Length > 0)
        {
            await reader.NextResultAsync();
            while (await reader.ReadAsync())
            {
                reminders[reader.GetString(0)] = reader.GetInt32(1);
            }
        }

        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            (string, string) key = (reader.GetString(0), reader.GetString(1));
            if (!sessions.TryGetValue(key, out DeviceRows? rows))
            {
                sessions[key] = rows = new DeviceRows();
            }

            rows.Sessions.TryAdd(reader.GetGuid(2), Standing(reader, 2) with { IsCurrent = reader.GetBoolean(8) });
            rows.Latest += reader.GetBoolean(6) ? 1 : 0;
            DateTimeOffset start = reader.GetFieldValue<DateTimeOffset>(5);
            if (!reader.GetBoolean(7) && start < rows.Since)
            {
                rows.Since = start;
            }
        }

        await reader.NextResultAsync();
        return ordered.ToDictionary(opening => opening, opening =>
        {
            UserDeviceKey device = opening.Device;
            (string, string) key = (device.Project, device.Device);
            DeviceRows rows = sessions.GetValueOrDefault(key) ?? new DeviceRows();
            (long epoch, string? handedTo, bool isKnown) = epochs[key];
            return new OpenedDevice(
                epoch,
                [.. rows.Sessions.Values],
                rows.Latest > LatestSessions ? rows.Since : null,
                handedTo,
                reminders.TryGetValue(DeviceReminder.GrainOf(device).ToString(), out int version) ? version : null)
            {
                IsUnknown = !isKnown,
            };
        });
    }

    private static NpgsqlBatchCommand Over(string statement, UserDeviceKey[] devices)
    {
        var command = new NpgsqlBatchCommand(statement);
        command.Parameters.Add(Columns.Text(devices, device => device.Project));
        command.Parameters.Add(Columns.Text(devices, device => device.Device));
        return command;
    }

    private static SessionCheckpoint Standing(NpgsqlDataReader reader, int first) => new(
        reader.GetGuid(first),
        FoldCodec.TryRead(reader.GetInt16(first + 1), reader.GetFieldValue<byte[]>(first + 2)));

    /// <summary>
    /// A device to open, when its reminder should be due, the generation of erased persons with which its events were
    /// checked, and whether an unknown device is left to its events. Openings are equal when their devices are, so that one
    /// batch opens a device once.
    /// </summary>
    private readonly record struct Opening(
        UserDeviceKey Device, DateTimeOffset? ReminderDue, long ErasureGeneration, bool LeaveUnknown)
    {
        public bool Equals(Opening other) => Device == other.Device;

        public override int GetHashCode() => Device.GetHashCode();
    }

    private sealed class DeviceRows
    {
        public Dictionary<Guid, SessionCheckpoint> Sessions { get; } = [];

        public int Latest { get; set; }

        /// <summary>All sessions of the device that began after this time are among <see cref="Sessions"/>.</summary>
        public DateTimeOffset Since { get; set; } = DateTimeOffset.MaxValue;
    }
}
