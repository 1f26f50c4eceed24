using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Domain;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>Devices' epochs and the sessions they have.</summary>
internal sealed class DeviceStore : IDeviceStore, IAsyncDisposable
{
    // One more than a device keeps tells whether it has others.
    private const int LatestSessions = 8;

    private static readonly string RaiseEpochs = QueryText.Read("device_open.sql");
    private static readonly string ReadEpochs = QueryText.Read("device_epochs.sql");
    private static readonly string ReadLatest = QueryText.Read("device_sessions.sql");
    private static readonly string ReadAround = QueryText.Read("device_sessions_around.sql");

    private readonly NpgsqlDataSource _database;
    private readonly BatchReader<UserDeviceKey, OpenedDevice> _opener;
    private readonly BatchReader<UserDeviceKey, long> _epochs;

    public DeviceStore(NpgsqlDataSource database, ILogger<DeviceStore> log)
    {
        _database = database;
        _opener = new BatchReader<UserDeviceKey, OpenedDevice>(Read, readers: 2, maxBatch: 500, maxWaiting: 100_000, log);
        _epochs = new(EpochsOf, readers: 1, maxBatch: 500, maxWaiting: 100_000, log);
    }

    public async Task<OpenedDevice> Open(UserDeviceKey device) =>
        await _opener.Ask(device) ?? throw new InvalidOperationException($"No epoch came back for {device}.");

    public Task<long> EpochOf(UserDeviceKey device) => _epochs.Ask(device);

    public async Task<IReadOnlyList<StoredStanding>> SessionsAround(
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
            var sessions = new Dictionary<Guid, StoredStanding>();
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                sessions.TryAdd(reader.GetGuid(0), Standing(reader, 0));
            }

            return [.. sessions.Values];
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
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

    private async Task<IReadOnlyDictionary<UserDeviceKey, OpenedDevice>> Read(IReadOnlyList<UserDeviceKey> devices)
    {
        // In the order of their keys, so that two silos opening the same devices never wait in a circle.
        UserDeviceKey[] sorted = [.. devices
            .OrderBy(device => device.Project, StringComparer.Ordinal)
            .ThenBy(device => device.Device, StringComparer.Ordinal)];
        await using NpgsqlConnection connection = await _database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Over(RaiseEpochs, sorted));
        NpgsqlBatchCommand latest = Over(ReadLatest, sorted);
        latest.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LatestSessions + 1 });
        batch.BatchCommands.Add(latest);

        var epochs = new Dictionary<(string, string), (long Epoch, string? HandedTo)>();
        var sessions = new Dictionary<(string, string), DeviceRows>();
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            epochs[(reader.GetString(0), reader.GetString(1))] =
                (reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetString(3));
        }

        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            (string, string) key = (reader.GetString(0), reader.GetString(1));
            if (!sessions.TryGetValue(key, out DeviceRows? known))
            {
                sessions[key] = known = new DeviceRows();
            }

            known.Sessions.TryAdd(reader.GetGuid(2), Standing(reader, 2));
            known.Latest += reader.GetBoolean(6) ? 1 : 0;
            DateTimeOffset start = reader.GetFieldValue<DateTimeOffset>(5);
            if (!reader.GetBoolean(7) && start < known.Since)
            {
                known.Since = start;
            }
        }

        return sorted.ToDictionary(device => device, device =>
        {
            (string, string) key = (device.Project, device.Device);
            DeviceRows known = sessions.GetValueOrDefault(key) ?? new DeviceRows();
            (long epoch, string? handedTo) = epochs[key];
            return new OpenedDevice(
                epoch, [.. known.Sessions.Values], known.Latest > LatestSessions ? known.Since : null, handedTo);
        });
    }

    private static NpgsqlBatchCommand Over(string statement, UserDeviceKey[] devices)
    {
        var command = new NpgsqlBatchCommand(statement);
        command.Parameters.Add(Columns.Text(devices, device => device.Project));
        command.Parameters.Add(Columns.Text(devices, device => device.Device));
        return command;
    }

    private static StoredStanding Standing(NpgsqlDataReader reader, int first) => new(
        reader.GetGuid(first),
        FoldCodec.TryRead(reader.GetInt16(first + 1), reader.GetFieldValue<byte[]>(first + 2)));

    private sealed class DeviceRows
    {
        public Dictionary<Guid, StoredStanding> Sessions { get; } = [];

        public int Latest { get; set; }

        /// <summary>All sessions that began later are among these.</summary>
        public DateTimeOffset Since { get; set; } = DateTimeOffset.MaxValue;
    }
}
