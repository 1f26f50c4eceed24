using System.Globalization;
using System.Numerics;
using System.Text.Json;
using DuckDB.NET.Data;
using Sessions.Columns.Asking;
using Sessions.Columns.Files;

namespace Sessions.Columns.Serving;

/// <summary>
/// Runs statements in one read-only transaction of DuckDB, so that all see the same state. A statement is cancelled at its
/// deadline. DuckDB does not always obey; then <paramref name="end"/> ends the process.
/// </summary>
/// <param name="options">How long a cancelled statement may go on.</param>
/// <param name="time">The clock.</param>
/// <param name="end">Ends the process.</param>
internal sealed class StatementRunner(ColumnsOptions options, TimeProvider time, Action end)
{
    /// <summary>Runs the statements, in this thread.</summary>
    /// <exception cref="ColumnsRefusedException">DuckDB refuses a statement.</exception>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    public IReadOnlyList<ColumnsAnswer> Run(
        DuckDBConnection connection, IReadOnlyList<ColumnsStatement> statements, TimeSpan most, int rows, CancellationToken cancellation)
    {
        using Deadline deadline = new(most, TimeSpan.FromSeconds(options.CancelSeconds), time, end, cancellation);
        try
        {
            Sql.Run(connection, "BEGIN TRANSACTION READ ONLY");
            return [.. statements.Select(statement => One(connection, statement, rows, deadline))];
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

    private static ColumnsAnswer One(DuckDBConnection connection, ColumnsStatement statement, int most, Deadline deadline)
    {
        RequireOneSelect(connection, statement.Sql, deadline);
        using DuckDBCommand command = Sql.Command(connection, statement.Sql, statement.Parameters.Select(Given).ToArray());
        deadline.Watch(command);
        // Rows that are not read are not computed either.
        command.UseStreamingMode = true;
        using DuckDBDataReader reader = command.ExecuteReader();
        ColumnsAnswerColumn[] columns =
            [.. Enumerable.Range(0, reader.FieldCount).Select(place => new ColumnsAnswerColumn(reader.GetName(place), reader.GetDataTypeName(place)))];
        List<object?[]> rows = [];
        while (reader.Read())
        {
            if (rows.Count == most)
            {
                return new ColumnsAnswer(columns, rows, IsCut: true);
            }

            object?[] row = new object?[columns.Length];
            for (int place = 0; place < row.Length; place++)
            {
                row[place] = reader.IsDBNull(place) ? null : Taken(reader.GetValue(place));
            }

            rows.Add(row);
            deadline.ThrowIfOver();
        }

        return new ColumnsAnswer(columns, rows, IsCut: false);
    }

    /// <summary>DuckDB's own parser decides what a statement is. It writes nothing but SELECTs as JSON.</summary>
    private static void RequireOneSelect(DuckDBConnection connection, string sql, Deadline deadline)
    {
        using DuckDBCommand command = Sql.Command(connection, "SELECT json_serialize_sql($1::VARCHAR)", [sql]);
        deadline.Watch(command);
        using JsonDocument parsed = JsonDocument.Parse((string)command.ExecuteScalar()!);
        if (parsed.RootElement.GetProperty("error").GetBoolean())
        {
            throw new ColumnsRefusedException(parsed.RootElement.GetProperty("error_message").GetString() ?? "The statement is no SELECT.");
        }

        if (parsed.RootElement.GetProperty("statements").GetArrayLength() != 1)
        {
            throw new ColumnsRefusedException("There must be exactly one statement.");
        }
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

    /// <summary>Cancels the current statement when its time is over or its caller has left.</summary>
    private sealed class Deadline : IDisposable
    {
        private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

        private readonly Lock _gate = new();
        private readonly TimeSpan _patience;
        private readonly TimeProvider _time;
        private readonly Action _end;
        private readonly ITimer _timer;
        private readonly CancellationTokenRegistration _left;
        private DuckDBCommand? _command;
        private long _overAt;
        private bool _isOver;
        private bool _isDone;

        public Deadline(TimeSpan most, TimeSpan patience, TimeProvider time, Action end, CancellationToken cancellation)
        {
            (_patience, _time, _end) = (patience, time, end);
            _timer = time.CreateTimer(_ => Pass(), null, most > TimeSpan.Zero ? most : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            _left = cancellation.Register(() => _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        }

        public bool IsOver
        {
            get
            {
                lock (_gate)
                {
                    return _isOver;
                }
            }
        }

        public void Watch(DuckDBCommand command)
        {
            lock (_gate)
            {
                _command = command;
            }

            ThrowIfOver();
        }

        public void ThrowIfOver()
        {
            if (IsOver)
            {
                throw new OperationCanceledException();
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isDone = true;
                _command = null;
            }

            _left.Dispose();
            _timer.Dispose();
        }

        private void Pass()
        {
            DuckDBCommand? command;
            lock (_gate)
            {
                if (_isDone)
                {
                    return;
                }

                if (_isOver && _time.GetElapsedTime(_overAt) > _patience)
                {
                    _end();
                    return;
                }

                _overAt = _isOver ? _overAt : _time.GetTimestamp();
                _isOver = true;
                command = _command;
            }

            // Again and again: a cancel that comes just before a statement begins has no effect on it.
            _timer.Change(Again, Timeout.InfiniteTimeSpan);
            try
            {
                command?.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has just ended.
            }
        }
    }
}
