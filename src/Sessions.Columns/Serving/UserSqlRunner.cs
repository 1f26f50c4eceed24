using System.Text.Json;
using DuckDB.NET.Data;
using Sessions.Columns.Asking;
using Sessions.Columns.Files;
using Sessions.Columns.UserSql;

namespace Sessions.Columns.Serving;

/// <summary>
/// Runs people's SQL: one query over the views, in a read-only transaction, with a deadline. Values become text as Postgres
/// writes it.
/// </summary>
/// <param name="options">How long a cancelled statement may go on, and where the files are.</param>
/// <param name="time">The clock.</param>
/// <param name="end">Ends the process.</param>
internal sealed class UserSqlRunner(ColumnsOptions options, TimeProvider time, Action end)
{
    // The size of a value without its characters.
    private const int PerValue = 32;

    private const string Begin = "BEGIN TRANSACTION READ ONLY";

    // A line of its own, so that it shifts no position within the query's lines.
    private const string Describe = "DESCRIBE\n";

    /// <summary>Answers a question, in this thread.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="question">The question.</param>
    /// <param name="most">The time that it may take.</param>
    /// <param name="over">Called when it is cancelled, which it need not obey at once.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="ColumnsRefusedException">It is refused.</exception>
    /// <exception cref="ColumnsMemoryException">It needs too much memory.</exception>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    public ColumnsAnswer Run(DuckDBConnection connection, UserQuestion question, TimeSpan most, Action over, CancellationToken cancellation)
    {
        using Deadline deadline = new(most, TimeSpan.FromSeconds(options.CancelSeconds), time, over, end, cancellation);
        string running = question.Sql;
        try
        {
            string file = UserViews.Use(connection);
            using JsonDocument parsed = Check(connection, question.Sql, deadline);
            Sql.Run(connection, Begin);
            running = Describe + question.Sql;
            List<(string Name, UserType Type)> columns = ColumnsOf(connection, running, deadline);
            running = question.Sql;
            return ReadFaster(connection, question, parsed, file, columns, deadline) ?? Read(connection, question, running, columns, deadline);
        }
        catch (Exception cancelled) when (deadline.IsOver && cancelled is OperationCanceledException or DuckDBException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new TimeoutException("The query took too long.", cancelled);
        }
        catch (DuckDBException refused) when (UserSqlMessage.IsTooMuch(refused.Message))
        {
            throw new ColumnsMemoryException();
        }
        catch (DuckDBException refused)
        {
            ColumnsRefusedException refusal = UserSqlMessage.Refusal(refused.Message, running, options.Directory);
            throw new ColumnsRefusedException(refusal.Message) { Position = Math.Max(0, refusal.Position - (running.Length - question.Sql.Length)) };
        }
    }

    private static JsonDocument Check(DuckDBConnection connection, string sql, Deadline deadline)
    {
        using DuckDBCommand command = Sql.Command(connection, "SELECT json_serialize_sql($1::VARCHAR)", [sql]);
        deadline.Watch(command);
        JsonDocument parsed = UserSqlCheck.Parse(command, sql);
        try
        {
            UserSqlCheck.Check(parsed, sql);
            return parsed;
        }
        catch
        {
            parsed.Dispose();
            throw;
        }
    }

    /// <summary>Answers from the columns of properties; null when the question has to be run as it was written.</summary>
    private static ColumnsAnswer? ReadFaster(
        DuckDBConnection connection, UserQuestion question, JsonDocument parsed, string file, List<(string Name, UserType Type)> columns, Deadline deadline)
    {
        try
        {
            string? faster = PropertyRewriter.Rewrite(parsed.RootElement, question.Sql, file, Ask);
            return faster is not null && ColumnsOf(connection, Describe + faster, deadline).SequenceEqual(columns)
                ? Read(connection, question, faster, columns, deadline)
                : null;
        }
        catch (DuckDBException failed) when (!deadline.IsOver && !UserSqlMessage.IsTooMuch(failed.Message))
        {
            // The fault may be that of the columns, or the caller's: then the message has to be about the SQL that they wrote.
            Sql.Run(connection, "ROLLBACK");
            Sql.Run(connection, Begin);
            return null;
        }

        string Ask(string statement, string parameter)
        {
            using DuckDBCommand command = Sql.Command(connection, statement, [parameter]);
            deadline.Watch(command);
            return (string)command.ExecuteScalar()!;
        }
    }

    private static List<(string Name, UserType Type)> ColumnsOf(DuckDBConnection connection, string describe, Deadline deadline)
    {
        using DuckDBCommand command = Sql.Command(connection, describe, []);
        deadline.Watch(command);
        using DuckDBDataReader reader = command.ExecuteReader();
        List<(string, UserType)> columns = [];
        while (reader.Read())
        {
            columns.Add((reader.GetString(0), UserType.Of(reader.GetString(1))));
        }

        return columns;
    }

    private static ColumnsAnswer Read(DuckDBConnection connection, UserQuestion question, string sql, List<(string Name, UserType Type)> columns, Deadline deadline)
    {
        using DuckDBCommand command = Sql.Command(connection, sql, []);
        deadline.Watch(command);
        // Rows that are not read are not computed either.
        command.UseStreamingMode = true;
        using DuckDBDataReader reader = command.ExecuteReader();
        // DESCRIBE knows the types better, but names a column after its expression.
        ColumnsAnswerColumn[] named = [.. columns.Select((column, place) => new ColumnsAnswerColumn(reader.GetName(place), column.Type.Name))];
        List<object?[]> rows = [];
        long left = question.Characters;
        while (reader.Read())
        {
            object?[] row = new object?[named.Length];
            for (int place = 0; place < row.Length; place++)
            {
                string? value = Value(reader, place, columns[place]);
                row[place] = value;
                left -= PerValue + (value?.Length ?? 0);
            }

            if (left < 0 || rows.Count == question.Rows)
            {
                return new ColumnsAnswer(named, rows, IsCut: true);
            }

            rows.Add(row);
            deadline.ThrowIfOver();
        }

        return new ColumnsAnswer(named, rows, IsCut: false);
    }

    private static string? Value(DuckDBDataReader reader, int place, (string Name, UserType Type) column)
    {
        try
        {
            return UserValue.Read(reader, place, column.Type);
        }
        catch (OutOfMemoryException)
        {
            // .NET has no text of a billion characters.
            throw new ColumnsMemoryException();
        }
        catch (Exception unknown) when (unknown is OverflowException or InvalidCastException or ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new ColumnsRefusedException($"An answer can't hold a value of the column {column.Name}: cast it to VARCHAR.");
        }
    }
}
