using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Orleans.Configuration;

namespace Sessions.Postgres;

/// <summary>
/// Orleans' reminders in Postgres, in group commits: a session begins with one and ends with its removal, so a
/// statement and a commit for each would be what limits how many can begin. Of a range of grains only what is due soon
/// is read; the rest comes with a later look.
/// </summary>
internal sealed class ReminderTable : IReminderTable, IAsyncDisposable
{
    // Orleans keeps those of one window in memory and looks again within it; one more is for a look that fails.
    private const int WindowsAhead = 2;

    // As many as anybody looks at.
    private const int MostShown = 1_000;

    private const int Writers = 2;
    private const int MaxBatch = 1_000;
    private const int MaxWaiting = 200_000;

    private static readonly string Upsert = QueryText.Read("reminder_upsert.sql");
    private static readonly string Remove = QueryText.Read("reminder_remove.sql");
    private static readonly string OfGrain = QueryText.Read("reminders_of_grain.sql");
    private static readonly string Due = QueryText.Read("reminders_due.sql");
    private static readonly string DueAround = QueryText.Read("reminders_due_around.sql");
    private static readonly string First = QueryText.Read("reminders_first.sql");
    private static readonly string Clear = QueryText.Read("reminders_clear.sql");

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _clock;
    private readonly string _service;
    private readonly TimeSpan _ahead;
    private readonly BatchReader<Registration, string> _upserts;
    private readonly BatchReader<Removal, string> _removals;

    public ReminderTable(
        NpgsqlDataSource database,
        IOptions<ClusterOptions> cluster,
        IOptions<ReminderOptions> reminders,
        TimeProvider clock,
        ILogger<ReminderTable> log)
    {
        _database = database;
        _clock = clock;
        _service = cluster.Value.ServiceId;
        _ahead = WindowsAhead * reminders.Value.ReminderLoadingWindow;
        _upserts = new BatchReader<Registration, string>(UpsertAll, Writers, MaxBatch, MaxWaiting, log);
        _removals = new BatchReader<Removal, string>(RemoveAll, Writers, MaxBatch, MaxWaiting, log);
    }

    public async Task<string?> UpsertRow(ReminderEntry entry) =>
        await _upserts.Ask(new Registration(entry.GrainId.ToString(), entry.ReminderName, entry))
            ?? throw new InvalidOperationException($"No version came back for the reminder {entry.ReminderName} of {entry.GrainId}.");

    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        await _removals.Ask(new Removal(grainId.ToString(), reminderName, int.Parse(eTag, CultureInfo.InvariantCulture))) is not null;

    public async Task<ReminderTableData> ReadRows(GrainId grainId) =>
        await Read(OfGrain, command => command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = grainId.ToString() }));

    public Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        if ((begin, end) == (0, uint.MaxValue))
        {
            // No silo owns just this: it is the dashboard, which wants all there is, every ten seconds, to show fifty.
            return Read(First, command => command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostShown }));
        }

        // Hashes are kept as integers with a sign: another place of the circle is where their order begins.
        int from = unchecked((int)begin);
        int to = unchecked((int)end);
        return Read(from < to ? Due : DueAround, command =>
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = from });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = to });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = _clock.GetUtcNow() + _ahead });
        });
    }

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await ReadRows(grainId)).Reminders.FirstOrDefault(entry => entry.ReminderName == reminderName);

    public async Task TestOnlyClearTable()
    {
        await using NpgsqlCommand command = _database.CreateCommand(Clear);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _service });
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _upserts.DisposeAsync();
        await _removals.DisposeAsync();
    }

    private async Task<ReminderTableData> Read(string statement, Action<NpgsqlCommand> ask)
    {
        await using NpgsqlCommand command = _database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _service });
        ask(command);
        var entries = new List<ReminderEntry>();
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            entries.Add(new ReminderEntry
            {
                GrainId = GrainId.Parse(rows.GetString(0)),
                ReminderName = rows.GetString(1),
                StartAt = rows.GetDateTime(2),
                Period = TimeSpan.FromMilliseconds(rows.GetInt64(3)),
                ETag = rows.GetInt32(4).ToString(CultureInfo.InvariantCulture),
            });
        }

        return new ReminderTableData(entries);
    }

    private async Task<IReadOnlyDictionary<Registration, string>> UpsertAll(IReadOnlyList<Registration> asked)
    {
        await using NpgsqlCommand command = Write(Upsert);
        command.Parameters.Add(Columns.Text(asked, one => one.Grain));
        command.Parameters.Add(Columns.Text(asked, one => one.Name));
        command.Parameters.Add(Columns.Of(asked, one => one.Entry.StartAt, NpgsqlDbType.TimestampTz));
        command.Parameters.Add(Columns.Of(asked, one => (long)one.Entry.Period.TotalMilliseconds, NpgsqlDbType.Bigint));
        command.Parameters.Add(Columns.Of(asked, one => unchecked((int)one.Entry.GrainId.GetUniformHashCode()), NpgsqlDbType.Integer));
        var versions = new Dictionary<Registration, string>();
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            versions[new Registration(rows.GetString(0), rows.GetString(1), null!)] =
                rows.GetInt32(2).ToString(CultureInfo.InvariantCulture);
        }

        return versions;
    }

    private async Task<IReadOnlyDictionary<Removal, string>> RemoveAll(IReadOnlyList<Removal> asked)
    {
        await using NpgsqlCommand command = Write(Remove);
        command.Parameters.Add(Columns.Text(asked, one => one.Grain));
        command.Parameters.Add(Columns.Text(asked, one => one.Name));
        command.Parameters.Add(Columns.Of(asked, one => one.Version, NpgsqlDbType.Integer));
        var removed = new Dictionary<Removal, string>();
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            removed[new Removal(rows.GetString(0), rows.GetString(1), 0)] = "removed";
        }

        return removed;
    }

    private NpgsqlCommand Write(string statement)
    {
        NpgsqlCommand command = _database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _service });
        return command;
    }

    /// <summary>A reminder to write. One reminder is one key: two writes of it are two statements.</summary>
    private readonly record struct Registration(string Grain, string Name, ReminderEntry Entry)
    {
        public bool Equals(Registration other) => Grain == other.Grain && Name == other.Name;

        public override int GetHashCode() => HashCode.Combine(Grain, Name);
    }

    /// <summary>A reminder to remove, in the version that its remover knows.</summary>
    private readonly record struct Removal(string Grain, string Name, int Version)
    {
        public bool Equals(Removal other) => Grain == other.Grain && Name == other.Name;

        public override int GetHashCode() => HashCode.Combine(Grain, Name);
    }
}
