using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Domain.Persons;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Queries.Hours;

/// <summary>
/// Loads the sessions of ranges of time into memory: from hourly aggregates, and from the rows of sessions that no
/// aggregate has. The result is exact, because everything is read in one snapshot. Hours and merged ids stay in the
/// cache. A query uses those parts of the cache that are still valid in its snapshot, and reads the rest.
/// </summary>
public sealed class SessionHours(IOptions<HourOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly string State = SqlFile.Read("hours_state.sql");
    private static readonly string Versions = SqlFile.Read("hours_versions.sql");
    private static readonly string Changed = SqlFile.Read("hours_changed.sql");
    private static readonly string Written = SqlFile.Read("hours_read.sql");
    private static readonly string Fresh = HourRows.Statement("hours_fresh.sql");
    private static readonly string AllIdentities = SqlFile.Read("identities_all.sql");
    private static readonly string LaterIdentities = SqlFile.Read("identities_since.sql");

    private readonly SemaphoreSlim _free = new(options.Value.AtOnce, options.Value.AtOnce);
    private readonly HourMemory _memory = new(options, clock);

    /// <summary>The cache that outlives queries.</summary>
    internal HourMemory Memory => _memory;

    /// <summary>
    /// Calls <paramref name="answer"/> with the sessions, or with null when they can't be loaded: then the caller must
    /// query the rows.
    /// </summary>
    /// <param name="connection">A connection in a repeatable-read transaction that has not read anything yet.</param>
    /// <param name="asked">The sessions.</param>
    /// <param name="answer">Computes the answer. The tables are valid only during the call.</param>
    /// <param name="cancellation">Ends the work.</param>
    internal async Task<T> Use<T>(
        NpgsqlConnection connection, SessionsInRanges asked, Func<SessionTables?, T> answer, CancellationToken cancellation)
    {
        ProjectMemory memory = await _memory.Take(asked.Project, cancellation);
        try
        {
            // Taken after the project's cache, so that a query that waits for its project's cache does not block
            // queries of other projects.
            await _free.WaitAsync(cancellation);
            try
            {
                using SessionTables? tables = await Load(connection, asked, memory, cancellation);
                return answer(tables);
            }
            finally
            {
                _free.Release();
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException && !PostgresAway.Is(fault))
        {
            // A failure may have left the cache incomplete.
            memory.Forget();
            throw;
        }
        finally
        {
            _memory.Return(memory);
        }
    }

    public void Dispose()
    {
        _memory.Dispose();
        _free.Dispose();
    }

    private async Task<SessionTables?> Load(
        NpgsqlConnection connection, SessionsInRanges asked, ProjectMemory memory, CancellationToken cancellation)
    {
        if (await Find(connection, asked, memory, cancellation) is not { } found)
        {
            return null;
        }

        ProjectHours hours = memory.Hours;
        Dictionary<DateTimeOffset, HourVersion> missing = found.Hours.Where(hour => !hours.Has(hour.Version))
            .ToDictionary(hour => hour.Start, hour => hour.Version);
        await using NpgsqlBatch batch = new(connection);
        if (asked.Visitors)
        {
            batch.BatchCommands.Add(IdentitiesSince(asked.Project, found, memory));
        }

        batch.BatchCommands.Add(Command(Fresh, asked.Project, asked.From, asked.To, found.Until, found.Changed));
        if (missing.Count > 0)
        {
            batch.BatchCommands.Add(Command(Written, asked.Project, missing.Keys.ToArray()));
        }

        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellation);
        if (asked.Visitors)
        {
            await ReadIdentities(reader, hours, cancellation);
            memory.Identities = new SeenIdentities(found.Taken, found.Seen);
            await reader.NextResultAsync(cancellation);
        }

        if (await ReadFresh(reader, options.Value.MaxSessions - found.Sessions, cancellation) is not { } fresh)
        {
            return null;
        }

        if (missing.Count > 0)
        {
            await reader.NextResultAsync(cancellation);
            await ReadHours(reader, missing, hours, cancellation);
        }

        return hours.TablesOf(
            asked.Ranges.Select(range => (HourRows.Microseconds(range.From), HourRows.Microseconds(range.To))),
            found.Hours.Select(hour => hour.Version.Start),
            fresh,
            memory.Question);
    }

    /// <summary>
    /// Finds the hours of a range in the snapshot, and removes outdated data from the cache. Null when too many hours
    /// are not aggregated, or when there are too many sessions.
    /// </summary>
    private async Task<FoundHours?> Find(
        NpgsqlConnection connection, SessionsInRanges asked, ProjectMemory memory, CancellationToken cancellation)
    {
        (DateTimeOffset from, DateTimeOffset to) = (asked.From, asked.To);
        (DateTimeOffset First, DateTimeOffset Last)? held =
            memory.Hours.Span is var (first, last) ? (HourRows.Time(first), HourRows.Time(last)) : null;
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                Command(State, asked.Project),
                Command(
                    Versions,
                    asked.Project,
                    held?.First < from ? held.Value.First : from,
                    held?.Last >= to ? held.Value.Last.AddTicks(TimeSpan.TicksPerMicrosecond) : to),
                Command(
                    Changed,
                    asked.Project,
                    from < DateTimeOffset.MinValue.AddHours(1) ? from : from.AddHours(-1),
                    to,
                    options.Value.MaxFreshHours + 1),
            },
        };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation) || reader.GetInt16(0) != HourColumns.Format)
        {
            memory.Forget();
            return null;
        }

        (DateTimeOffset until, DateTimeOffset now) = (reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2));
        (Guid taken, ulong seen) = (reader.GetGuid(3), reader.GetFieldValue<ulong>(4));
        if (memory.Identities is { } identities && identities.Taken != taken)
        {
            memory.Hours.ForgetIdentities();
            memory.Identities = null;
        }

        await reader.NextResultAsync(cancellation);
        List<FoundHour> kept = [];
        while (await reader.ReadAsync(cancellation))
        {
            DateTimeOffset start = reader.GetFieldValue<DateTimeOffset>(0);
            kept.Add(new FoundHour(start, new HourVersion(HourRows.Microseconds(start), reader.GetGuid(1)), reader.GetInt32(2)));
        }

        memory.Hours.Retain(kept.Select(hour => hour.Version));
        await reader.NextResultAsync(cancellation);
        HashSet<DateTimeOffset> changed = [];
        while (await reader.ReadAsync(cancellation))
        {
            changed.Add(reader.GetFieldValue<DateTimeOffset>(0));
        }

        DateTimeOffset earliest = HourRows.HourOf(from);
        kept.RemoveAll(hour => hour.Start < earliest || hour.Start >= to);
        long sessions = kept.Sum(hour => (long)hour.Sessions);
        changed.RemoveWhere(hour => hour >= until);
        DateTimeOffset lastFresh = to < now ? to : now;
        DateTimeOffset firstFresh = from > until ? from : until;
        if (sessions > options.Value.MaxSessions
            || changed.Count > options.Value.MaxFreshHours
            || (lastFresh > firstFresh && lastFresh - firstFresh > TimeSpan.FromHours(options.Value.MaxFreshHours)))
        {
            return null;
        }

        kept.RemoveAll(hour => hour.Start >= until || changed.Contains(hour.Start));
        return new FoundHours(until, kept, [.. changed], (int)sessions, taken, seen);
    }

    private static NpgsqlBatchCommand IdentitiesSince(string project, FoundHours found, ProjectMemory memory)
    {
        if (memory.Identities is not { } known)
        {
            // An earlier query may have read some of them before it failed.
            memory.Hours.ForgetIdentities();
            return Command(AllIdentities, project);
        }

        NpgsqlBatchCommand command = Command(LaterIdentities, project);
        command.Parameters.Add(new NpgsqlParameter { Value = known.Seen, NpgsqlDbType = NpgsqlDbType.Xid8 });
        return command;
    }

    private static async Task ReadIdentities(NpgsqlDataReader reader, ProjectHours hours, CancellationToken cancellation)
    {
        while (await reader.ReadAsync(cancellation))
        {
            hours.Add(new Identity(reader.GetString(0), reader.GetString(1), (MergeKind)reader.GetInt16(2), reader.GetInt64(3)));
        }
    }

    /// <summary>Reads the rows of sessions that no aggregate has; null when there are too many.</summary>
    private static async Task<List<HourRow>?> ReadFresh(NpgsqlDataReader reader, int most, CancellationToken cancellation)
    {
        List<HourRow> rows = [];
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(HourRows.Read(reader));
            if (rows.Count > most)
            {
                return null;
            }
        }

        return rows;
    }

    private static async Task ReadHours(
        NpgsqlDataReader reader, Dictionary<DateTimeOffset, HourVersion> missing, ProjectHours hours, CancellationToken cancellation)
    {
        byte[] hour = new byte[64 * 1024];
        while (await reader.ReadAsync(cancellation))
        {
            int length = (int)reader.GetBytes(1, 0, null, 0, 0);
            if (length > hour.Length)
            {
                hour = new byte[length * 2];
            }

            reader.GetBytes(1, 0, hour, 0, length);
            hours.Put(missing[reader.GetFieldValue<DateTimeOffset>(0)], hour.AsSpan(0, length));
        }
    }

    private static NpgsqlBatchCommand Command(string statement, params object[] values)
    {
        NpgsqlBatchCommand command = new(statement);
        foreach (object value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private sealed record FoundHour(DateTimeOffset Start, HourVersion Version, int Sessions);

    /// <summary>The hours of a range, in one snapshot.</summary>
    /// <param name="Until">The time up to which hours are aggregated.</param>
    /// <param name="Hours">The aggregated hours without later changes.</param>
    /// <param name="Changed">The aggregated hours with later changes.</param>
    /// <param name="Sessions">The number of sessions in aggregated hours.</param>
    /// <param name="Taken">The version of the project's removed identities.</param>
    /// <param name="Seen">
    /// The transaction id before which every transaction has ended: the snapshot has all of their identities.
    /// </param>
    private sealed record FoundHours(
        DateTimeOffset Until, List<FoundHour> Hours, DateTimeOffset[] Changed, int Sessions, Guid Taken, ulong Seen);
}

/// <summary>The sessions that a query needs.</summary>
/// <param name="Project">The project.</param>
/// <param name="Ranges">The ranges in which the sessions began; at least one.</param>
/// <param name="Visitors">Whether the query needs the sessions' visitors.</param>
internal sealed record SessionsInRanges(string Project, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> Ranges, bool Visitors)
{
    public DateTimeOffset From { get; } = Ranges.Min(range => range.From);

    public DateTimeOffset To { get; } = Ranges.Max(range => range.To);
}
