using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Connections;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Rows;

namespace Sessions.Silo.Sessions;

/// <summary>Loads sessions from Postgres.</summary>
internal sealed class SessionStore : ISessionStore, IAsyncDisposable
{
    private static readonly string LoadRows = SqlFile.Read("session_load.sql");
    private static readonly string LoadForgotten = SqlFile.Read("session_load_forgotten.sql");
    private static readonly string LoadEntries = SqlFile.Read("session_load_entries.sql");
    private static readonly string LoadSeen = SqlFile.Read("session_load_seen.sql");
    private static readonly string ReadContents = SqlFile.Read("session_contents.sql");
    private static readonly string ReadLastNumbers = SqlFile.Read("session_last_numbers.sql");

    private readonly NpgsqlDataSource _database;
    private readonly CheckpointWriter _checkpoints;
    private readonly IStoreHistory? _history;
    private readonly BatchReader<SessionKey, StoredSession> _loader;
    private readonly BatchReader<(SessionKey Key, DateOnly Born), int> _lastNumbers;
    private readonly BatchReader<(SessionKey Key, DateOnly Born, int Number), EventContent> _contents;

    public SessionStore(
        NpgsqlDataSource database, CheckpointWriter checkpoints, ILogger<SessionStore> log, IStoreHistory? history = null)
    {
        _database = database;
        _checkpoints = checkpoints;
        _history = history;
        _loader = new BatchReader<SessionKey, StoredSession>(Read, readers: 2, maxBatch: 500, maxWaiting: 100_000, log);
        _lastNumbers = new(ReadLast, readers: 1, maxBatch: 500, maxWaiting: 100_000, log);
        _contents = new(ReadContentsOf, readers: 1, maxBatch: 500, maxWaiting: 100_000, log);
    }

    public StoreHistory? History => _history?.Current;

    public Task<StoredSession?> Load(SessionKey session) => _loader.Ask(session);

    public Task<int> LastNumber(SessionKey session, DateOnly born) => _lastNumbers.Ask((session, born));

    public async Task<IReadOnlyDictionary<int, EventContent>> Contents(
        SessionKey session, DateOnly born, IReadOnlyCollection<int> numbers)
    {
        EventContent?[] contents = await Task.WhenAll(numbers.Select(number => _contents.Ask((session, born, number))));
        return numbers.Zip(contents)
            .Where(read => read.Second is not null)
            .ToDictionary(read => read.First, read => read.Second!);
    }

    public void Checkpoint(SessionKey session, SessionState state, SessionRules rules, StoreHistory? history, RowMark? mark = null) =>
        _checkpoints.Add(session, state, rules, history, mark);

    public Task CheckpointNow(SessionKey session, SessionState state, SessionRules rules) =>
        _checkpoints.WriteNow(session, state, rules);

    public async ValueTask DisposeAsync()
    {
        await _loader.DisposeAsync();
        await _lastNumbers.DisposeAsync();
        await _contents.DisposeAsync();
    }

    private async Task<IReadOnlyDictionary<(SessionKey Key, DateOnly Born), int>> ReadLast(
        IReadOnlyList<(SessionKey Key, DateOnly Born)> sessions)
    {
        await using NpgsqlCommand command = _database.CreateCommand(ReadLastNumbers);
        command.Parameters.Add(Columns.Text(sessions, session => session.Key.Project));
        command.Parameters.Add(Columns.Of(sessions, session => session.Key.SessionId, NpgsqlDbType.Uuid));
        command.Parameters.Add(Columns.Of(sessions, session => session.Born, NpgsqlDbType.Date));
        var last = new Dictionary<(SessionKey, DateOnly), int>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            last[(KeyOf(reader), reader.GetFieldValue<DateOnly>(2))] = reader.GetInt32(3);
        }

        return last;
    }

    private async Task<IReadOnlyDictionary<(SessionKey Key, DateOnly Born, int Number), EventContent>> ReadContentsOf(
        IReadOnlyList<(SessionKey Key, DateOnly Born, int Number)> events)
    {
        await using NpgsqlCommand command = _database.CreateCommand(ReadContents);
        command.Parameters.Add(Columns.Text(events, one => one.Key.Project));
        command.Parameters.Add(Columns.Of(events, one => one.Key.SessionId, NpgsqlDbType.Uuid));
        command.Parameters.Add(Columns.Of(events, one => one.Born, NpgsqlDbType.Date));
        command.Parameters.Add(Columns.Of(events, one => one.Number, NpgsqlDbType.Integer));
        var contents = new Dictionary<(SessionKey, DateOnly, int), EventContent>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            // Keeps only what is compared, because properties may be a megabyte each.
            contents[(KeyOf(reader), reader.GetFieldValue<DateOnly>(2), reader.GetInt32(3))] = EventContent.Of(
                (EntryKind)reader.GetInt16(4) == EntryKind.Replay,
                reader.GetString(7),
                reader.GetString(8),
                Text(reader, 9),
                reader.IsDBNull(10) ? default(ReadOnlyMemory<byte>) : reader.GetFieldValue<byte[]>(10),
                reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6));
        }

        return contents;
    }

    private async Task<IReadOnlyDictionary<SessionKey, StoredSession>> Read(IReadOnlyList<SessionKey> sessions)
    {
        await using NpgsqlConnection connection = await _database.OpenConnectionAsync();
        (Row[] rows, Dictionary<SessionKey, StoredSession> stored) = await ReadRows(connection, sessions);
        if (rows.Length == 0)
        {
            return stored;
        }

        await using var batch = new NpgsqlBatch(connection);
        NpgsqlBatchCommand entries = Over(LoadEntries, rows);
        entries.Parameters.Add(Columns.Of(rows, row => row.State?.Number ?? 0, NpgsqlDbType.Integer));
        batch.BatchCommands.Add(entries);
        batch.BatchCommands.Add(Over(LoadSeen, rows));
        Dictionary<SessionKey, Found> found = rows.ToDictionary(row => row.Key, row => new Found(row));
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            found[KeyOf(reader)].After.Add(Entry(reader));
        }

        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            SessionKey key = KeyOf(reader);
            found[key].Seen.Add(new SeenEvent(
                reader.GetGuid(2),
                StoredDevice.Read(Text(reader, 5), reader.GetString(3), Text(reader, 4)),
                reader.GetInt32(6)));
        }

        foreach ((SessionKey key, Found session) in found)
        {
            stored[key] = new StoredSession(session.Row.Born, session.Row.State, session.After, session.Seen)
            {
                Row = session.Row.Columns,
                StateFault = session.Row.Fault,
                IsOfNewerVersion = session.Row.Version > SessionFold.FoldVersion,
            };
        }

        return stored;
    }

    /// <summary>
    /// Reads the sessions' rows, and which of the sessions were forgotten, whether or not they have begun again since.
    /// </summary>
    private static async Task<(Row[] Rows, Dictionary<SessionKey, StoredSession> Forgotten)> ReadRows(
        NpgsqlConnection connection, IReadOnlyList<SessionKey> sessions)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (string statement in (string[])[LoadForgotten, LoadRows])
        {
            var command = new NpgsqlBatchCommand(statement);
            command.Parameters.Add(Columns.Text(sessions, session => session.Project));
            command.Parameters.Add(Columns.Of(sessions, session => session.SessionId, NpgsqlDbType.Uuid));
            batch.BatchCommands.Add(command);
        }

        var forgotten = new Dictionary<SessionKey, StoredSession>();
        var rows = new List<Row>();
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            forgotten[KeyOf(reader)] = StoredSession.Forgotten(reader.GetInt32(2));
        }

        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(RowOf(reader));
        }

        return ([.. rows], forgotten);
    }

    private static Row RowOf(NpgsqlDataReader reader)
    {
        var columns = new StoredRow(
            reader.GetInt32(3),
            reader.GetString(6),
            reader.GetFieldValue<DateTimeOffset>(9),
            reader.GetFieldValue<DateTimeOffset>(10),
            reader.GetString(7) == SessionStatus.Live.ToWord() ? null : StoredFold.EndReasonOf(Text(reader, 8)),
            reader.GetString(11),
            Text(reader, 12));
        short version = reader.GetInt16(4);
        SessionState? state = FoldCodec.TryRead(version, reader.GetFieldValue<byte[]>(5));
        if (state is not null && (state.Number, state.Owner) != (columns.Number, columns.Owner))
        {
            // A state that differs from its row is not trusted, and is folded again from the journal.
            state = null;
        }

        string? fault = state is not null || version < SessionFold.FoldVersion ? null
            : version > SessionFold.FoldVersion ? $"version {version} is newer than this build's {SessionFold.FoldVersion}"
            : "it is damaged";
        return new Row(KeyOf(reader), reader.GetFieldValue<DateOnly>(2), state, columns, version, fault);
    }

    private static NpgsqlBatchCommand Over(string statement, Row[] rows)
    {
        var command = new NpgsqlBatchCommand(statement);
        command.Parameters.Add(Columns.Text(rows, row => row.Key.Project));
        command.Parameters.Add(Columns.Of(rows, row => row.Key.SessionId, NpgsqlDbType.Uuid));
        command.Parameters.Add(Columns.Of(rows, row => row.Born, NpgsqlDbType.Date));
        return command;
    }

    private static SessionKey KeyOf(NpgsqlDataReader reader) => new(reader.GetString(0), reader.GetGuid(1));

    private static JournalEntry Entry(NpgsqlDataReader reader)
    {
        int number = reader.GetInt32(2);
        try
        {
            return Entry(reader, number);
        }
        catch (Exception unreadable) when (unreadable is InvalidCastException or OverflowException or ArgumentException or FormatException)
        {
            // Postgres has values that .NET has not, such as years beyond 9999.
            return JournalEntry.OfUnreadable(number, "a column has a value that can't be read");
        }
    }

    private static JournalEntry Entry(NpgsqlDataReader reader, int number) => new(
        number,
        (EntryKind)reader.GetInt16(3),
        reader.GetGuid(4),
        reader.GetFieldValue<DateTimeOffset>(5),
        reader.GetFieldValue<DateTimeOffset>(6),
        reader.GetString(7),
        StoredDevice.Read(Text(reader, 11), reader.GetString(8), Text(reader, 9)),
        reader.GetString(8),
        Text(reader, 9),
        Text(reader, 10),
        reader.IsDBNull(12) ? default : reader.GetFieldValue<byte[]>(12),
        reader.IsDBNull(13) ? 0 : reader.GetInt64(13));

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private sealed record Row(SessionKey Key, DateOnly Born, SessionState? State, StoredRow Columns, short Version, string? Fault);

    private sealed record Found(Row Row)
    {
        public List<JournalEntry> After { get; } = [];

        public List<SeenEvent> Seen { get; } = [];
    }
}
