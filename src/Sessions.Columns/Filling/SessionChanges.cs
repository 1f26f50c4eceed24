using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;

namespace Sessions.Columns.Filling;

/// <summary>
/// Brings the rows of sessions up to date. A row is written less often than its session's entries: until it has all of them, the
/// session is behind and is looked at again at each catch-up. Its row is read only when it has gone on since.
/// </summary>
internal sealed class SessionChanges(DuckDBConnection duck, SourceSnapshot source)
{
    // The session has no row in the file that is known to be right.
    private const int NoRow = -1;

    private static readonly int s_idPlace = PlaceOf("id_hash");
    private static readonly int s_sessionPlace = PlaceOf("session_id");

    // Sessions whose row has to reach a number.
    private readonly Dictionary<Guid, Progress> _awaited = [];
    private readonly HashSet<Guid> _toRemove = [];
    private readonly HashSet<Guid> _toRead = [];
    private Dictionary<Guid, Progress> _behind = [];
    private bool _isBehindNew;

    /// <summary>Says that a session has new entries with these numbers.</summary>
    public void AddEntries(Guid session, int first, int last)
    {
        Progress known = _awaited.GetValueOrDefault(session, new Progress(last, first - 1));
        // The row in the file has all earlier entries, or the session is behind, and then its row is known better.
        _awaited[session] = new Progress(Math.Max(known.Number, last), Math.Min(known.InFile, first - 1));
    }

    /// <summary>Finds the sessions to read, and the numbers that their rows have to reach. False when nothing is to be written.</summary>
    /// <param name="changed">Sessions that changed without an entry.</param>
    /// <param name="came">Days that joined the journal.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<bool> Find(HashSet<Guid> changed, List<DateOnly> came, CancellationToken cancellation)
    {
        Dictionary<Guid, Progress> before = ReadBehind();
        foreach ((Guid session, Progress progress) in before)
        {
            int number = _awaited.TryGetValue(session, out Progress known) ? Math.Max(known.Number, progress.Number) : progress.Number;
            _awaited[session] = progress with { Number = number };
        }

        HashSet<Guid> unknown = [.. changed];
        foreach (DateOnly day in came)
        {
            unknown.UnionWith(await source.List<Guid>(SourceStatements.SessionsOfDay, cancellation, day));
        }

        await ReadNumbers(unknown, cancellation);
        _toRemove.UnionWith(unknown);
        _behind = await FindRows(unknown, cancellation);
        _toRemove.UnionWith(_toRead);
        _isBehindNew = _behind.Count != before.Count || _behind.Any(pair => !before.TryGetValue(pair.Key, out Progress old) || old != pair.Value);
        return _toRemove.Count > 0 || _isBehindNew;
    }

    /// <summary>The sessions whose rows are read.</summary>
    public IReadOnlyCollection<Guid> ToRead => _toRead;

    /// <summary>The sessions whose rows are read or removed.</summary>
    public IReadOnlyCollection<Guid> Touched => _toRemove;

    /// <summary>Writes what was found, and returns the number of rows that it removed.</summary>
    public async Task<long> Take(NumberLookup numbers, CancellationToken cancellation)
    {
        long removed = 0;
        if (_toRemove.Count > 0)
        {
            SessionKeys.Write(duck, _toRemove);
            removed = Sql.Run(duck, $"DELETE FROM sessions WHERE session_id IN ({SessionKeys.Select})");
        }

        if (_toRead.Count > 0)
        {
            using DuckDBAppender appender = duck.CreateAppender("sessions");
            foreach (Guid[] some in _toRead.Chunk(SessionKeys.AtOnce))
            {
                await using NpgsqlDataReader reader = await source.Read(SourceStatements.Sessions, cancellation, (object)some);
                await RowCopy.All(reader, appender, ColumnsSchema.Sessions, AppendNumbers, cancellation);
            }
        }

        if (_isBehindNew)
        {
            WriteBehind();
        }

        return removed;

        void AppendNumbers(NpgsqlDataReader row, IDuckDBAppenderRow appended)
        {
            RowNumbers? its = numbers.Of(row.GetGuid(s_idPlace), row.GetGuid(s_sessionPlace));
            appended.AppendValue(its?.Id).AppendValue(its?.Session).AppendValue(its?.Person);
        }
    }

    /// <summary>Finds the rows that have gone on, and returns the sessions whose row still lacks entries.</summary>
    private async Task<Dictionary<Guid, Progress>> FindRows(HashSet<Guid> unknown, CancellationToken cancellation)
    {
        HashSet<Guid> missing = [.. _awaited.Keys];
        Dictionary<Guid, Progress> behind = [];
        foreach (Guid[] some in _awaited.Keys.Union(unknown).Chunk(SessionKeys.AtOnce))
        {
            await using NpgsqlDataReader reader = await source.Read(SourceStatements.RowNumbers, cancellation, (object)some);
            while (await reader.ReadAsync(cancellation))
            {
                (Guid session, int number) = (reader.GetGuid(0), reader.GetInt32(1));
                missing.Remove(session);
                bool isAwaited = _awaited.TryGetValue(session, out Progress progress);
                if (unknown.Contains(session) || number > progress.InFile)
                {
                    _toRead.Add(session);
                }

                if (isAwaited && progress.Number > number)
                {
                    behind.Add(session, new Progress(progress.Number, number));
                }
            }
        }

        // A session without a row and without entries is gone. One with entries alone gets its row yet.
        foreach (Guid session in missing)
        {
            _awaited.Remove(session);
        }

        await ReadNumbers(missing, cancellation, requireEntries: true);
        foreach (Guid session in missing)
        {
            if (_awaited.TryGetValue(session, out Progress progress))
            {
                behind.Add(session, progress);
            }
        }

        return behind;
    }

    /// <summary>Reads the last numbers of sessions in the journal, because entries of theirs may have gone.</summary>
    private async Task ReadNumbers(IEnumerable<Guid> sessions, CancellationToken cancellation, bool requireEntries = false)
    {
        foreach (Guid[] some in sessions.Chunk(SessionKeys.AtOnce))
        {
            foreach (Guid session in some)
            {
                _awaited.Remove(session);
            }

            await using NpgsqlDataReader reader = await source.Read(SourceStatements.Numbers, cancellation, (object)some);
            while (await reader.ReadAsync(cancellation))
            {
                if (!requireEntries || reader.GetBoolean(2))
                {
                    _awaited[reader.GetGuid(0)] = new Progress(reader.GetInt32(1), NoRow);
                }
            }
        }
    }

    private static int PlaceOf(string column) => ColumnsSchema.Sessions.TakeWhile(one => one.Name != column).Count();

    private Dictionary<Guid, Progress> ReadBehind()
    {
        using DuckDBCommand command = Sql.Command(duck, "SELECT session_id, number, in_file FROM holding.behind", []);
        using DuckDBDataReader reader = command.ExecuteReader();
        Dictionary<Guid, Progress> behind = [];
        while (reader.Read())
        {
            behind.Add(reader.GetGuid(0), new Progress(reader.GetInt32(1), reader.GetInt32(2)));
        }

        return behind;
    }

    private void WriteBehind()
    {
        Sql.Run(duck, "DELETE FROM holding.behind");
        using DuckDBAppender appender = duck.CreateAppender("holding", "behind");
        foreach ((Guid session, Progress progress) in _behind)
        {
            appender.CreateRow().AppendValue(session).AppendValue(progress.Number).AppendValue(progress.InFile).EndRow();
        }
    }

    /// <summary>How far a session's row is.</summary>
    /// <param name="Number">The last number in the journal.</param>
    /// <param name="InFile">The number of the row that the file has, at most; <see cref="NoRow"/> when there is none.</param>
    private readonly record struct Progress(int Number, int InFile);
}
