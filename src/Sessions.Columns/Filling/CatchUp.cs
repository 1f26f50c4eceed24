using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;
using Sessions.Database.Properties;

namespace Sessions.Columns.Filling;

/// <summary>
/// Brings a file from the snapshot that it has to a later one, in one transaction of DuckDB. Read are: entries of
/// transactions that the file's snapshot did not see; sessions that changed without an entry, as a whole; days of the
/// journal that came or went; session rows behind their journal, again and again until they have caught up; and the ids that
/// were said to be one person's.
/// </summary>
/// <remarks>A connection for one catch-up at a time.</remarks>
internal sealed class CatchUp(DuckDBConnection duck, SourceSnapshot source, FileState state, ColumnsOptions options)
{
    private readonly HashSet<Guid> _changed = [];
    private readonly Dictionary<long, DateOnly> _days = [];
    private readonly HashSet<DateOnly> _daysWithEntries = [];
    private readonly HashSet<Guid> _sessionsWithEntries = [];
    private readonly HashSet<string> _ids = [];
    private readonly SessionChanges _sessions = new(duck, source);
    private readonly PersonChanges _persons = new(duck, source, state);
    private long _added;
    private long _removed;

    /// <summary>
    /// Whether the file's tables have changed, and with them the state that is written in it. When they have not, the new state is
    /// true of the file as well as the old one, which is in it.
    /// </summary>
    public bool HasWritten { get; private set; }

    /// <summary>Why the file can't be brought up to date and must be written anew; null when it can.</summary>
    public static string? Obstacle(FileState state, SourceMark mark, Guid holder) =>
        state.Holder != holder || !mark.IsHolderKnown ? "deletions did not wait for it"
        : state.System != mark.System || state.Database != mark.Database ? "it is of another server or database"
        : state.Timeline != mark.Timeline ? "Postgres has failed over or was restored"
        : state.ProjectMade != mark.ProjectMade ? "the project was made anew"
        : mark.Log < state.Log || mark.Oldest < state.Oldest ? "Postgres is older than the file"
        : state.Oldest <= mark.ChangesRemoved ? "it is too old"
        : null;

    /// <summary>Does it. Returns the new state, or null when there is more to read than the options allow.</summary>
    /// <exception cref="NpgsqlException">Postgres is away. The file is as before.</exception>
    /// <exception cref="DuckDBException">DuckDB has failed. The file is as before, unless it is damaged.</exception>
    public async Task<FileState?> Run(CancellationToken cancellation)
    {
        if (source.Mark.Snapshot == state.Snapshot)
        {
            return state;
        }

        if (!await ReadChanges(cancellation))
        {
            return null;
        }

        (List<DateOnly> gone, List<DateOnly> came) = CompareDays();
        bool haveSessionsChanged = await _sessions.Find(_changed, came, cancellation);
        FileState next = state with
        {
            Snapshot = source.Mark.Snapshot,
            Oldest = source.Mark.Oldest,
            Log = source.Mark.Log,
            Identities = source.Mark.Identities,
        };
        if (!haveSessionsChanged && _changed.Count == 0 && _daysWithEntries.Count == 0 && gone.Count == 0 && came.Count == 0 && !_persons.HaveChanged)
        {
            return next;
        }

        Sql.Run(duck, "BEGIN TRANSACTION");
        try
        {
            FileNumbers counted = await TakePersons(cancellation);
            NumberLookup numbers = NumberLookup.Some(duck, _ids, [.. _sessionsWithEntries.Union(_sessions.ToRead)]);
            HashSet<string> names = await TakeEvents(gone, came, numbers, cancellation);
            _removed += await _sessions.Take(numbers, cancellation);
            (long ids, long sessions) = numbers.Write(duck);
            long haveNames = AddNames(names);
            counted = numbers.AreSomeMissing
                ? NumberBackfill.Assign(duck, counted)
                : NumberBackfill.MakeRoom(duck, counted, ids, sessions, haveNames);
            RowPersons.OfGenericIds(
                duck, _persons.HaveChanged || came.Count > 0 ? null : [.. _sessionsWithEntries.Union(_sessions.Touched)]);
            next = next with
            {
                AddedEvents = state.AddedEvents + _added,
                RemovedRows = state.RemovedRows + _removed,
                Counted = counted,
                HasDeletions = state.HasDeletions || _changed.Count > 0 || gone.Count > 0 || source.Mark.Identities != state.Identities,
            };
            next.Write(duck);
            Sql.Run(duck, "COMMIT");
            HasWritten = true;
            return next;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <summary>
    /// Reads in one round trip what has changed: sessions without an entry, sessions with entries, ids, and the journal's days.
    /// False when it is too much.
    /// </summary>
    private async Task<bool> ReadChanges(CancellationToken cancellation)
    {
        await using NpgsqlDataReader reader = await source.Read(
            [SourceStatements.Changes, SourceStatements.Entries, SourceStatements.NewIdentities], state.Oldest, state.Snapshot, cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            _changed.Add(reader.GetGuid(0));
        }

        long backlog = _changed.Count;
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            _daysWithEntries.Add(reader.GetFieldValue<DateOnly>(1));
            _sessionsWithEntries.Add(reader.GetGuid(0));
            _sessions.AddEntries(reader.GetGuid(0), reader.GetInt32(2), reader.GetInt32(3));
            _ids.UnionWith(reader.GetFieldValue<string[]>(6));
            backlog += reader.GetInt64(4);
        }

        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            _persons.Add(reader.GetString(0));
        }

        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            _days.Add(reader.GetInt64(0), reader.GetFieldValue<DateOnly>(1));
        }

        return backlog <= options.MaxBacklog;
    }

    /// <summary>Finds the partitions that left the journal or joined it. One that was made again under its name did both.</summary>
    private (List<DateOnly> Gone, List<DateOnly> Came) CompareDays()
    {
        Dictionary<long, DateOnly> known = [];
        using (DuckDBCommand command = Sql.Command(duck, "SELECT id, day FROM holding.days", []))
        using (DuckDBDataReader reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                known.Add(reader.GetInt64(0), reader.GetFieldValue<DateOnly>(1));
            }
        }

        return (
            [.. known.Where(day => !_days.ContainsKey(day.Key)).Select(day => day.Value)],
            [.. _days.Where(day => !known.ContainsKey(day.Key)).Select(day => day.Value)]);
    }

    /// <summary>
    /// Takes the persons, and changes the rows of ids whose persons have changed. It comes first: rows that are read after it get
    /// their persons as they are written. Returns what the macros count then.
    /// </summary>
    private async Task<FileNumbers> TakePersons(CancellationToken cancellation)
    {
        if (!_persons.HaveChanged)
        {
            return state.Counted;
        }

        _removed += await _persons.Take(cancellation);
        FileNumbers counted = NumberBackfill.Assign(duck, state.Counted);
        RowPersons.OfIds(duck, _persons.Changed);
        return counted;
    }

    /// <summary>Takes the events, and returns their names.</summary>
    private async Task<HashSet<string>> TakeEvents(List<DateOnly> gone, List<DateOnly> came, NumberLookup numbers, CancellationToken cancellation)
    {
        foreach (DateOnly day in gone)
        {
            _removed += Sql.Run(duck, $"DELETE FROM {PropertyColumns.EventRows} WHERE born = $1", day);
        }

        if (gone.Count > 0 || came.Count > 0)
        {
            Sql.Run(duck, "DELETE FROM holding.days");
            using DuckDBAppender partitions = duck.CreateAppender("holding", "days");
            foreach ((long id, DateOnly day) in _days)
            {
                partitions.CreateRow().AppendValue(id).AppendValue(day).EndRow();
            }
        }

        if (_changed.Count > 0)
        {
            SessionKeys.Write(duck, _changed);
            _removed += Sql.Run(duck, $"DELETE FROM {PropertyColumns.EventRows} WHERE session_id IN ({SessionKeys.Select})");
        }

        // Those of changed sessions are read at the end.
        DateOnly[] days = [.. _daysWithEntries.Except(came)];
        if (came.Count == 0 && days.Length == 0 && _changed.Count == 0)
        {
            return [];
        }

        using DuckDBAppender appender = duck.CreateAppender(PropertyColumns.EventRows);
        EventCopy copy = new(appender, new ColumnProperties(state.Properties), numbers);
        foreach (DateOnly day in came)
        {
            await using NpgsqlDataReader reader = await source.Read(SourceStatements.EventsOfDay, cancellation, day);
            await copy.All(reader, row => !_changed.Contains(row.GetGuid(0)), cancellation);
        }

        if (days.Length > 0)
        {
            await using NpgsqlDataReader reader = await source.Read(
                SourceStatements.Events, cancellation, state.Oldest, state.Snapshot, days.Min(), days.Max(), days);
            await copy.All(reader, row => !_changed.Contains(row.GetGuid(0)), cancellation);
        }

        foreach (Guid[] some in _changed.Chunk(SessionKeys.AtOnce))
        {
            await using NpgsqlDataReader reader = await source.Read(SourceStatements.EventsOfSessions, cancellation, (object)some);
            await copy.All(reader, isWanted: null, cancellation);
        }

        _added += copy.Rows;
        return copy.Names;
    }

    /// <summary>Writes the names of events that are new, and returns how many there are.</summary>
    private long AddNames(HashSet<string> names)
    {
        if (names.Count == 0 || state.Counted.HaveManyNames)
        {
            return 0;
        }

        List<string> known = Sql.List<string>(duck, "SELECT event FROM names");
        names.ExceptWith(known);
        using DuckDBAppender appender = duck.CreateAppender("names");
        foreach (string name in names)
        {
            appender.CreateRow().AppendValue(name).EndRow();
        }

        return known.Count + names.Count;
    }

    private void RollBack()
    {
        try
        {
            Sql.Run(duck, "ROLLBACK");
        }
        catch (DuckDBException)
        {
            // DuckDB has ended the transaction itself.
        }
    }
}
