using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using DuckDB.NET.Data;
using Sessions.Columns.Asking;
using Sessions.Columns.Files;
using Sessions.Columns.UserSql;

namespace Sessions.Columns.Serving;

/// <summary>
/// Runs statements in read-only transactions of DuckDB that see the same state. A statement is cancelled at its
/// deadline. DuckDB does not always obey; then <paramref name="end"/> ends the process.
/// </summary>
/// <param name="options">How long a cancelled statement may go on.</param>
/// <param name="time">The clock.</param>
/// <param name="end">Ends the process.</param>
internal sealed class StatementRunner(ColumnsOptions options, TimeProvider time, Action end)
{
    // A page asks the same statements again and again, and parsing one takes longer than many answers.
    private const int MostKnown = 2_000;

    private const string Begin = "BEGIN TRANSACTION READ ONLY";

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>
    /// How many connections serve so many statements best. Most take few milliseconds, half of them for planning, in one thread: so
    /// a page's statements run on two.
    /// </summary>
    public static int ConnectionsFor(int statements) => statements > 1 ? 2 : 1;

    /// <summary>Runs the statements, a thread for each connection, and returns when all threads have ended.</summary>
    /// <param name="connections">The connections.</param>
    /// <param name="statements">The statements.</param>
    /// <param name="most">The time that they may take.</param>
    /// <param name="rows">The most rows of each.</param>
    /// <param name="over">Called when they are cancelled, which they need not obey at once.</param>
    /// <param name="cancellation">Cancels them.</param>
    /// <exception cref="ColumnsRefusedException">DuckDB refuses a statement.</exception>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    public IReadOnlyList<ColumnsAnswer> Run(
        IReadOnlyList<DuckDBConnection> connections, IReadOnlyList<ColumnsStatement> statements, TimeSpan most, int rows, Action over, CancellationToken cancellation)
    {
        var answers = new ColumnsAnswer[statements.Count];
        int next = -1;
        IReadOnlyList<DuckDBConnection> begun = BegunTogether(connections);
        // A connection is closed only when its thread has ended, whatever the others do.
        Task.WhenAll(begun.Select(connection => Task.Run(() => Answer(connection), CancellationToken.None))).GetAwaiter().GetResult();
        return answers;

        void Answer(DuckDBConnection connection) => Guarded(connection, most, deadline => Work(connection, deadline), over, cancellation);

        int Work(DuckDBConnection connection, Deadline deadline)
        {
            try
            {
                while (Interlocked.Increment(ref next) is int place && place < answers.Length)
                {
                    answers[place] = One(connection, statements[place], rows, deadline);
                }

                return 0;
            }
            catch
            {
                // The other connections' answers are of no use.
                Volatile.Write(ref next, answers.Length);
                throw;
            }
        }
    }

    /// <summary>Writes all rows of a statement, in this thread.</summary>
    /// <exception cref="IOException">There is no room for them.</exception>
    /// <inheritdoc cref="Run"/>
    public Spool WriteRows(DuckDBConnection connection, ColumnsStatement statement, TimeSpan most, Spool spool, Action over, CancellationToken cancellation) => Guarded(
        connection,
        most,
        deadline =>
        {
            Sql.Run(connection, Begin);
            RequireOneSelect(connection, statement.Sql, deadline);
            using DuckDBCommand command = Ask(connection, statement, deadline);
            using DuckDBDataReader reader = command.ExecuteReader();
            RowFrames.Write(Rows(reader, deadline), spool.Write);
            return spool;
        },
        over,
        cancellation);

    /// <summary>The connections that see the same state, all but the first left out when something is being written meanwhile.</summary>
    private static IReadOnlyList<DuckDBConnection> BegunTogether(IReadOnlyList<DuckDBConnection> connections)
    {
        foreach (DuckDBConnection connection in connections)
        {
            Sql.Run(connection, Begin);
        }

        return connections.Count == 1 || connections.Select(FileState.SnapshotOf).Distinct().Count() == 1 ? connections : [connections[0]];
    }

    private T Guarded<T>(DuckDBConnection connection, TimeSpan most, Func<Deadline, T> run, Action over, CancellationToken cancellation)
    {
        using Deadline deadline = new(most, TimeSpan.FromSeconds(options.CancelSeconds), time, over, end, cancellation);
        try
        {
            return run(deadline);
        }
        catch (Exception cancelled) when (deadline.IsOver && cancelled is OperationCanceledException or DuckDBException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new TimeoutException("The statement took too long.", cancelled);
        }
        catch (DuckDBException refused)
        {
            throw new ColumnsRefusedException(refused.Message);
        }
    }

    private ColumnsAnswer One(DuckDBConnection connection, ColumnsStatement statement, int most, Deadline deadline)
    {
        RequireOneSelect(connection, statement.Sql, deadline);
        using DuckDBCommand command = Ask(connection, statement, deadline);
        using DuckDBDataReader reader = command.ExecuteReader();
        ColumnsAnswerColumn[] columns =
            [.. Enumerable.Range(0, reader.FieldCount).Select(place => new ColumnsAnswerColumn(reader.GetName(place), reader.GetDataTypeName(place)))];
        List<object?[]> rows = [];
        foreach (object?[] row in Rows(reader, deadline))
        {
            if (rows.Count == most)
            {
                return new ColumnsAnswer(columns, rows, IsCut: true);
            }

            rows.Add(row);
        }

        return new ColumnsAnswer(columns, rows, IsCut: false);
    }

    private static DuckDBCommand Ask(DuckDBConnection connection, ColumnsStatement statement, Deadline deadline)
    {
        DuckDBCommand command = Sql.Command(connection, statement.Sql, statement.Parameters.Select(Given).ToArray());
        deadline.Watch(command);
        // Rows that are not read are not computed either.
        command.UseStreamingMode = true;
        return command;
    }

    private static IEnumerable<object?[]> Rows(DuckDBDataReader reader, Deadline deadline)
    {
        int columns = reader.FieldCount;
        while (reader.Read())
        {
            object?[] row = new object?[columns];
            for (int place = 0; place < row.Length; place++)
            {
                row[place] = reader.IsDBNull(place) ? null : Taken(reader.GetValue(place));
            }

            yield return row;
            deadline.ThrowIfOver();
        }
    }

    private void RequireOneSelect(DuckDBConnection connection, string sql, Deadline deadline)
    {
        if (_known.ContainsKey(sql))
        {
            return;
        }

        using DuckDBCommand command = Sql.Command(connection, "SELECT json_serialize_sql($1::VARCHAR)", [sql]);
        deadline.Watch(command);
        using JsonDocument parsed = UserSqlCheck.Parse(command, sql);
        if (_known.Count >= MostKnown)
        {
            _known.Clear();
        }

        _known[sql] = true;
    }

    private static object? Given(object? value) => value switch
    {
        string[] texts => texts.ToList(),
        Guid[] ids => ids.ToList(),
        _ => value,
    };

    private static object? Taken(object value) => value switch
    {
        string or long or double or decimal or bool or Guid or DateTimeOffset or DateOnly => value,
        int or short or sbyte or byte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        ulong number => number <= long.MaxValue ? (long)number : (decimal)number,
        float number => (double)number,
        BigInteger number => number >= long.MinValue && number <= long.MaxValue ? (long)number
            : BigInteger.Abs(number) < new BigInteger(decimal.MaxValue) ? (decimal)number
            : (double)number,
        // TIMESTAMPTZ in UTC, or TIMESTAMP, which is taken to be in UTC.
        DateTime at => new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)),
        System.Collections.IList list => list.Cast<object?>().Select(one => one is null ? null : Taken(one)).ToArray(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
