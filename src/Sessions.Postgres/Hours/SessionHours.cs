using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Postgres.Hours;

/// <summary>
/// Takes the sessions of ranges of time into memory: from kept hours, and from the rows of those that are in none. In a
/// transaction that is one snapshot this is exact.
/// </summary>
public sealed class SessionHours(IOptions<HourOptions> options) : IDisposable
{
    private static readonly string Kept = QueryText.Read("hours_of_range.sql");
    private static readonly string Changed = QueryText.Read("hours_changed.sql");
    private static readonly string Hours = QueryText.Read("hours_read.sql");
    private static readonly string Fresh = HourRows.Statement("hours_fresh.sql");
    private static readonly string Identities = QueryText.Read("hours_identities.sql");

    private readonly SemaphoreSlim _free = new(options.Value.AtOnce, options.Value.AtOnce);

    /// <summary>Calls back with the sessions in memory, or with null when they can't be had: the rows must be asked then.</summary>
    /// <param name="connection">In a transaction that is one snapshot.</param>
    /// <param name="project">The project.</param>
    /// <param name="ranges">The ranges, in microseconds since 1970; at least one.</param>
    /// <param name="wanted">What is wanted of each session.</param>
    /// <param name="answer">What is made of them.</param>
    /// <param name="cancellation">Ends the work.</param>
    internal async Task<T> Use<T>(
        NpgsqlConnection connection,
        string project,
        IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> ranges,
        WantedColumns wanted,
        Func<SessionTables?, T> answer,
        CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            return answer(await Load(connection, project, ranges, wanted, cancellation));
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();

    private async Task<SessionTables?> Load(
        NpgsqlConnection connection,
        string project,
        IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> ranges,
        WantedColumns wanted,
        CancellationToken cancellation)
    {
        (DateTimeOffset from, DateTimeOffset to) = (ranges.Min(range => range.From), ranges.Max(range => range.To));
        if (await KeptUntil(connection, project, from, to, cancellation) is not var (until, count)
            || await ChangedHours(connection, project, from, to < until ? to : until, cancellation) is not { } changed)
        {
            return null;
        }

        SessionTables tables = new(
            ranges.Select(range => (HourRows.Microseconds(range.From), HourRows.Microseconds(range.To))), wanted, count);
        await using NpgsqlBatch batch = new(connection);
        if (wanted.Visitors)
        {
            batch.BatchCommands.Add(Command(Identities, project));
        }

        batch.BatchCommands.Add(Command(Hours, project, from, to, until, changed));
        batch.BatchCommands.Add(Command(Fresh, project, from, to, until, changed));
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellation);
        // They are worked out while the sessions are read.
        Task<(UInt128 Id, UInt128 Person)[]> persons = Task.FromResult<(UInt128, UInt128)[]>([]);
        if (wanted.Visitors)
        {
            List<Identity> identities = await ReadIdentities(reader, cancellation);
            persons = Task.Run(() => Digests(Persons.Of(identities)), cancellation);
            await reader.NextResultAsync(cancellation);
        }

        byte[] hour = new byte[64 * 1024];
        while (await reader.ReadAsync(cancellation))
        {
            int length = (int)reader.GetBytes(0, 0, null, 0, 0);
            if (length > hour.Length)
            {
                hour = new byte[length * 2];
            }

            reader.GetBytes(0, 0, hour, 0, length);
            tables.Add(hour.AsSpan(0, length));
        }

        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            tables.Add(HourRows.Read(reader));
            if (tables.Count > options.Value.MaxSessions)
            {
                return null;
            }
        }

        tables.Join(await persons);
        return tables;
    }

    private static async Task<List<Identity>> ReadIdentities(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        List<Identity> identities = [];
        while (await reader.ReadAsync(cancellation))
        {
            identities.Add(new Identity(
                reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetGuid(3)));
        }

        return identities;
    }

    private static (UInt128 Id, UInt128 Person)[] Digests(IReadOnlyDictionary<string, string> persons) =>
        [.. persons.Select(pair => (VisitorDigest.Of(pair.Key), VisitorDigest.Of(pair.Value)))];

    /// <summary>
    /// Up to when the range's hours are kept, and how many sessions those hold; null when too many hours are not kept, or
    /// hold too many.
    /// </summary>
    private async Task<(DateTimeOffset Until, int Sessions)?> KeptUntil(
        NpgsqlConnection connection, string project, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(Kept, connection)
        {
            Parameters = { new() { Value = project }, new() { Value = from }, new() { Value = to } },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation) || reader.GetInt16(0) != HourColumns.Format
            || reader.GetInt64(3) > options.Value.MaxSessions)
        {
            return null;
        }

        (DateTimeOffset until, DateTimeOffset now) = (reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2));
        DateTimeOffset last = to < now ? to : now;
        DateTimeOffset first = from > until ? from : until;
        return last > first && last - first > TimeSpan.FromHours(options.Value.MaxFreshHours)
            ? null
            : (until, (int)reader.GetInt64(3));
    }

    /// <summary>Null when there are too many.</summary>
    private async Task<DateTimeOffset[]?> ChangedHours(
        NpgsqlConnection connection, string project, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(Changed, connection);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = from < DateTimeOffset.MinValue.AddHours(1) ? from : from.AddHours(-1) });
        command.Parameters.Add(new() { Value = to });
        command.Parameters.Add(new() { Value = options.Value.MaxFreshHours + 1 });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<DateTimeOffset> hours = [];
        while (await reader.ReadAsync(cancellation))
        {
            hours.Add(reader.GetFieldValue<DateTimeOffset>(0));
        }

        return hours.Count > options.Value.MaxFreshHours ? null : [.. hours];
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
}
