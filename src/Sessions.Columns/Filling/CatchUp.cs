using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;

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
    // The sessions that one statement names.
    private const int SessionsAtOnce = 5000;

    // The ids of persons above which all persons are read.
    private const int MostIds = 20_000;

    private readonly Dictionary<Guid, int> _numbers = [];
    private readonly HashSet<Guid> _touched = [];
    private long _removed;

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

        HashSet<Guid> changed = [.. await source.List<Guid>(SourceStatements.Changes, cancellation, state.Oldest, state.Snapshot)];
        if (!await ReadEntries(changed, cancellation))
        {
            return null;
        }

        (List<DateOnly> gone, List<DateOnly> came) = await CompareDays(cancellation);
        Sql.Run(duck, "BEGIN TRANSACTION");
        try
        {
            await TakeEvents(changed, gone, came, cancellation);
            await TakeSessions(changed, cancellation);
            await TakePersons(cancellation);
            FileState next = state with
            {
                Snapshot = source.Mark.Snapshot,
                Oldest = source.Mark.Oldest,
                Log = source.Mark.Log,
                Identities = source.Mark.Identities,
                RemovedRows = state.RemovedRows + _removed,
                HasDeletions = state.HasDeletions || changed.Count > 0 || gone.Count > 0 || source.Mark.Identities != state.Identities,
            };
            next.Write(duck);
            Sql.Run(duck, "COMMIT");
            return next;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <summary>Reads which sessions have new entries; false when there are too many.</summary>
    private async Task<bool> ReadEntries(HashSet<Guid> changed, CancellationToken cancellation)
    {
        long backlog = changed.Count;
        await using NpgsqlDataReader reader = await source.Read(SourceStatements.Entries, cancellation, state.Oldest, state.Snapshot);
        while (await reader.ReadAsync(cancellation))
        {
            _numbers[reader.GetGuid(0)] = reader.GetInt32(1);
            backlog += reader.GetInt64(2);
        }

        return backlog <= options.MaxBacklog;
    }

    /// <summary>Finds the partitions that left the journal or joined it. One that was made again under its name did both.</summary>
    private async Task<(List<DateOnly> Gone, List<DateOnly> Came)> CompareDays(CancellationToken cancellation)
    {
        Dictionary<long, DateOnly> days = await source.Days(cancellation);
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
            [.. known.Where(day => !days.ContainsKey(day.Key)).Select(day => day.Value)],
            [.. days.Where(day => !known.ContainsKey(day.Key)).Select(day => day.Value)]);
    }

    private async Task TakeEvents(HashSet<Guid> changed, List<DateOnly> gone, List<DateOnly> came, CancellationToken cancellation)
    {
        foreach (DateOnly day in gone)
        {
            _removed += Sql.Run(duck, "DELETE FROM events WHERE born = $1", day);
        }

        if (gone.Count > 0 || came.Count > 0)
        {
            Sql.Run(duck, "DELETE FROM holding.days");
            using DuckDBAppender days = duck.CreateAppender("holding", "days");
            foreach ((long id, DateOnly day) in await source.Days(cancellation))
            {
                days.CreateRow().AppendValue(id).AppendValue(day).EndRow();
            }
        }

        if (changed.Count > 0)
        {
            Keys(changed);
            _removed += Sql.Run(duck, "DELETE FROM events WHERE session_id IN (SELECT id FROM temp.keys)");
        }

        using DuckDBAppender appender = duck.CreateAppender("events");
        foreach (DateOnly day in came)
        {
            await using (NpgsqlDataReader reader = await source.Read(SourceStatements.EventsOfDay, cancellation, day))
            {
                // The events of changed sessions are read below.
                await RowCopy.All(reader, appender, ColumnsSchema.Events, row => !changed.Contains(row.GetGuid(0)), cancellation);
            }

            foreach (Guid session in await source.List<Guid>(SourceStatements.SessionsOfDay, cancellation, day))
            {
                // Their numbers are read below.
                _numbers.TryAdd(session, int.MaxValue);
            }
        }

        if (_numbers.Count > 0)
        {
            await using NpgsqlDataReader reader =
                await source.Read(SourceStatements.Events, cancellation, state.Oldest, state.Snapshot, came.ToArray());
            await RowCopy.All(reader, appender, ColumnsSchema.Events, row => !changed.Contains(row.GetGuid(0)), cancellation);
        }

        foreach (Guid[] some in changed.Chunk(SessionsAtOnce))
        {
            await using NpgsqlDataReader reader = await source.Read(SourceStatements.EventsOfSessions, cancellation, (object)some);
            await RowCopy.All(reader, appender, ColumnsSchema.Events, isWanted: null, cancellation);
        }
    }

    /// <summary>
    /// Reads the rows of sessions that may have changed. Rows that are still behind their journal stay in the list of those to
    /// read next time.
    /// </summary>
    private async Task TakeSessions(HashSet<Guid> changed, CancellationToken cancellation)
    {
        foreach ((Guid session, int number) in Behind())
        {
            _numbers.TryAdd(session, number);
        }

        await ReadNumbers([.. changed, .. _numbers.Where(pair => pair.Value == int.MaxValue).Select(pair => pair.Key)], cancellation);
        _touched.UnionWith(changed);
        _touched.UnionWith(_numbers.Keys);
        if (_touched.Count == 0)
        {
            return;
        }

        Keys(_touched);
        _removed += Sql.Run(duck, "DELETE FROM sessions WHERE session_id IN (SELECT id FROM temp.keys)");
        HashSet<Guid> missing = [.. _numbers.Keys];
        using (DuckDBAppender appender = duck.CreateAppender("sessions"))
        {
            foreach (Guid[] some in _touched.Chunk(SessionsAtOnce))
            {
                await using NpgsqlDataReader reader = await source.Read(SourceStatements.Sessions, cancellation, (object)some);
                while (await reader.ReadAsync(cancellation))
                {
                    RowCopy.One(reader, appender, ColumnsSchema.Sessions);
                    Guid session = reader.GetGuid(0);
                    missing.Remove(session);
                    if (_numbers.TryGetValue(session, out int number) && reader.GetInt32(ColumnsSchema.Sessions.Count) >= number)
                    {
                        _numbers.Remove(session);
                    }
                }
            }
        }

        // A session without a row and without entries is gone. One with entries alone gets its row yet.
        await ReadNumbers(missing, cancellation, requireEntries: true);
        Sql.Run(duck, "DELETE FROM holding.behind");
        using DuckDBAppender behind = duck.CreateAppender("holding", "behind");
        foreach ((Guid session, int number) in _numbers)
        {
            behind.CreateRow().AppendValue(session).AppendValue(number).EndRow();
        }
    }

    private List<(Guid Session, int Number)> Behind()
    {
        using DuckDBCommand command = Sql.Command(duck, "SELECT session_id, number FROM holding.behind", []);
        using DuckDBDataReader reader = command.ExecuteReader();
        List<(Guid, int)> behind = [];
        while (reader.Read())
        {
            behind.Add((reader.GetGuid(0), reader.GetInt32(1)));
        }

        return behind;
    }

    /// <summary>Reads the last numbers of sessions in the journal, because entries of theirs may have gone.</summary>
    private async Task ReadNumbers(HashSet<Guid> sessions, CancellationToken cancellation, bool requireEntries = false)
    {
        foreach (Guid[] some in sessions.Chunk(SessionsAtOnce))
        {
            foreach (Guid session in some)
            {
                _numbers.Remove(session);
            }

            await using NpgsqlDataReader reader = await source.Read(SourceStatements.Numbers, cancellation, (object)some);
            while (await reader.ReadAsync(cancellation))
            {
                if (!requireEntries || reader.GetBoolean(2))
                {
                    _numbers[reader.GetGuid(0)] = reader.GetInt32(1);
                }
            }
        }
    }

    private async Task TakePersons(CancellationToken cancellation)
    {
        if (source.Mark.Identities != state.Identities)
        {
            await TakeAllPersons(cancellation);
            return;
        }

        HashSet<string> ids = [.. await source.List<string>(SourceStatements.NewIdentities, cancellation, state.Oldest, state.Snapshot)];
        if (ids.Count == 0)
        {
            return;
        }

        // Those who were one person with them may be so no longer: a merge that arrived earlier was committed later.
        ids.UnionWith(Sql.List<string>(
            duck,
            """
            WITH asked AS (SELECT unnest($1) AS id),
                 known AS (SELECT coalesce(p.person, a.id) AS person FROM asked a LEFT JOIN persons p ON p.distinct_id = a.id)
            SELECT person FROM known
            UNION
            SELECT p.distinct_id FROM persons p WHERE p.person IN (SELECT person FROM known)
            """,
            ids.ToList()));
        if (ids.Count <= MostIds)
        {
            ids.UnionWith(await source.List<string>(SourceStatements.IdsOfPersons, cancellation, (object)ids.ToArray()));
        }

        if (ids.Count > MostIds)
        {
            await TakeAllPersons(cancellation);
            return;
        }

        _removed += Sql.Run(duck, "DELETE FROM persons WHERE distinct_id IN (SELECT unnest($1))", ids.ToList());
        await using NpgsqlDataReader reader = await source.Read(SourceStatements.PersonsAmong, cancellation, (object)ids.ToArray());
        using DuckDBAppender appender = duck.CreateAppender("persons");
        await RowCopy.All(reader, appender, ColumnsSchema.Persons, isWanted: null, cancellation);
    }

    private async Task TakeAllPersons(CancellationToken cancellation)
    {
        _removed += Sql.Run(duck, "DELETE FROM persons");
        await using NpgsqlDataReader reader = await source.Read(SourceStatements.Persons, cancellation);
        using DuckDBAppender appender = duck.CreateAppender("persons");
        await RowCopy.All(reader, appender, ColumnsSchema.Persons, isWanted: null, cancellation);
    }

    /// <summary>Puts ids into the temporary table <c>keys</c>.</summary>
    private void Keys(IEnumerable<Guid> ids)
    {
        Sql.Run(duck, "CREATE OR REPLACE TEMP TABLE keys (id UUID NOT NULL)");
        using DuckDBAppender appender = duck.CreateAppender("temp", "main", "keys");
        foreach (Guid id in ids)
        {
            appender.CreateRow().AppendValue(id).EndRow();
        }
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
