using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Orleans.Configuration;
using Sessions.Database;

namespace Sessions.Silo.Reminders;

/// <summary>
/// Writes and removes reminders in group commits. Every session registers a reminder when it begins and removes it when
/// it ends, so a commit for each would limit how many sessions can begin.
/// </summary>
internal sealed class ReminderRows : IAsyncDisposable
{
    private const int Writers = 2;
    private const int MaxBatch = 1_000;
    private const int MaxWaiting = 200_000;

    private static readonly string UpsertRows = SqlFile.Read("reminder_upsert.sql");
    private static readonly string UpsertKnownRows = SqlFile.Read("reminder_upsert_known.sql");
    private static readonly string InsertRows = SqlFile.Read("reminder_insert.sql");
    private static readonly string RemoveRows = SqlFile.Read("reminder_remove.sql");

    private readonly NpgsqlDataSource _database;
    private readonly string _service;
    private readonly BatchReader<Registration, string> _upserts;
    private readonly BatchReader<Removal, string> _removals;

    public ReminderRows(NpgsqlDataSource database, IOptions<ClusterOptions> cluster, ILogger<ReminderRows> log)
    {
        _database = database;
        _service = cluster.Value.ServiceId;
        _upserts = new BatchReader<Registration, string>(UpsertAll, Writers, MaxBatch, MaxWaiting, log);
        _removals = new BatchReader<Removal, string>(RemoveAll, Writers, MaxBatch, MaxWaiting, log);
    }

    /// <summary>Writes a reminder.</summary>
    /// <returns>The reminder's new version.</returns>
    public async Task<int> Upsert(ReminderEntry entry) =>
        await _upserts.Ask(new Registration(entry.GrainId.ToString(), entry.ReminderName, entry)) is { } version
            ? int.Parse(version, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"No version came back for the reminder {entry.ReminderName} of {entry.GrainId}.");

    /// <summary>
    /// Removes a reminder if it still has this version. False when it has another version or is gone.
    /// </summary>
    public async Task<bool> Remove(GrainId grain, string name, int version) =>
        await _removals.Ask(new Removal(grain.ToString(), name, version)) is not null;

    public async ValueTask DisposeAsync()
    {
        await _upserts.DisposeAsync();
        await _removals.DisposeAsync();
    }

    /// <summary>The statement that writes reminders, for callers that add it to a transaction of their own.</summary>
    public NpgsqlBatchCommand UpsertCommand(IReadOnlyList<ReminderEntry> entries) => Command(UpsertRows, entries);

    /// <summary>The statement that writes the reminders of those devices that have a row.</summary>
    public NpgsqlBatchCommand UpsertKnownCommand(IReadOnlyList<(ReminderEntry Entry, UserDeviceKey Device)> entries)
    {
        NpgsqlBatchCommand command = Command(UpsertKnownRows, [.. entries.Select(one => one.Entry)]);
        command.Parameters.Add(Columns.Text(entries, one => one.Device.Project));
        command.Parameters.Add(Columns.Text(entries, one => one.Device.Device));
        return command;
    }

    /// <summary>The statement that writes reminders of devices that have none. It fails when one of them has.</summary>
    public NpgsqlBatchCommand InsertCommand(IReadOnlyList<ReminderEntry> entries) => Command(InsertRows, entries);

    private NpgsqlBatchCommand Command(string statement, IReadOnlyList<ReminderEntry> entries)
    {
        var command = new NpgsqlBatchCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _service });
        command.Parameters.Add(Columns.Text(entries, one => one.GrainId.ToString()));
        command.Parameters.Add(Columns.Text(entries, one => one.ReminderName));
        command.Parameters.Add(Columns.Of(entries, one => one.StartAt, NpgsqlDbType.TimestampTz));
        command.Parameters.Add(Columns.Of(entries, one => (long)one.Period.TotalMilliseconds, NpgsqlDbType.Bigint));
        command.Parameters.Add(Columns.Of(entries, one => unchecked((int)one.GrainId.GetUniformHashCode()), NpgsqlDbType.Integer));
        return command;
    }

    /// <summary>The statement that removes reminders, each only if it still has the given version.</summary>
    public NpgsqlBatchCommand RemoveCommand(IReadOnlyList<(string Grain, string Name, int Version)> known)
    {
        var command = new NpgsqlBatchCommand(RemoveRows);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _service });
        command.Parameters.Add(Columns.Text(known, one => one.Grain));
        command.Parameters.Add(Columns.Text(known, one => one.Name));
        command.Parameters.Add(Columns.Of(known, one => one.Version, NpgsqlDbType.Integer));
        return command;
    }

    private async Task<IReadOnlyDictionary<Registration, string>> UpsertAll(IReadOnlyList<Registration> asked)
    {
        var versions = new Dictionary<Registration, string>();
        await foreach (NpgsqlDataReader row in Answers(UpsertCommand([.. asked.Select(one => one.Entry)])))
        {
            versions[new Registration(row.GetString(0), row.GetString(1), null!)] =
                row.GetInt32(2).ToString(CultureInfo.InvariantCulture);
        }

        return versions;
    }

    private async Task<IReadOnlyDictionary<Removal, string>> RemoveAll(IReadOnlyList<Removal> asked)
    {
        var removed = new Dictionary<Removal, string>();
        await foreach (NpgsqlDataReader row in Answers(RemoveCommand([.. asked.Select(one => (one.Grain, one.Name, one.Version))])))
        {
            removed[new Removal(row.GetString(0), row.GetString(1), 0)] = "removed";
        }

        return removed;
    }

    private async IAsyncEnumerable<NpgsqlDataReader> Answers(NpgsqlBatchCommand command)
    {
        await using NpgsqlConnection connection = await _database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using NpgsqlDataReader rows = await batch.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            yield return rows;
        }
    }

    /// <summary>A reminder to write. Equality ignores the entry, so that one batch writes a reminder once.</summary>
    private readonly record struct Registration(string Grain, string Name, ReminderEntry Entry)
    {
        public bool Equals(Registration other) => Grain == other.Grain && Name == other.Name;

        public override int GetHashCode() => HashCode.Combine(Grain, Name);
    }

    /// <summary>
    /// A reminder to remove, if it still has the version. Equality ignores the version, so that one batch removes a
    /// reminder once.
    /// </summary>
    private readonly record struct Removal(string Grain, string Name, int Version)
    {
        public bool Equals(Removal other) => Grain == other.Grain && Name == other.Name;

        public override int GetHashCode() => HashCode.Combine(Grain, Name);
    }
}
