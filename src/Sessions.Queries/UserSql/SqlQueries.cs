using System.Buffers;
using System.Data;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Readers;

namespace Sessions.Queries.UserSql;

/// <summary>
/// Runs users' SQL: over the columns, if there are any, and else in Postgres. There the role that it runs as limits what it may
/// see and do. This class makes sure that it is a single query, that it only reads, and that it ends in time.
/// </summary>
/// <param name="readers">The roles in Postgres.</param>
/// <param name="columns">The columns; null when there are none.</param>
public sealed class SqlQueries(SqlReaders readers, ColumnsSql? columns = null)
{
    // Postgres' grammar allows only a single query after these words, so any other statement, and a second one, is a
    // syntax error.
    private const string Check = "declare checked no scroll cursor without hold for ";

    // The size of a value without its characters, in bytes.
    private const int PerValue = 32;

    private static readonly string SchemaText = SqlFile.Read("sql_schema.sql");

    /// <summary>Lists the views that a project's queries may read, with their columns.</summary>
    /// <inheritdoc cref="Run"/>
    public async Task<IReadOnlyList<SqlTable>> GetSchema(
        string project, StatementLimits limits, SqlSize size, CancellationToken cancellation)
    {
        SqlAnswer answer = await RunInPostgres(project, SchemaText, limits, size, cancellation);
        return
        [
            .. answer.Rows.GroupBy(row => row[0]!).Select(table =>
                new SqlTable(table.Key, [.. table.Select(row => new SqlColumn(row[1]!, row[2]!))])),
        ];
    }

    /// <summary>Runs one query over a project's views.</summary>
    /// <param name="project">The project.</param>
    /// <param name="query">The query.</param>
    /// <param name="engine">The engine to ask; null for the columns if they can answer, and else Postgres.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="size">The most that the answer has.</param>
    /// <param name="cancellation">Ends the query.</param>
    /// <exception cref="SqlRefusedException">The engine refused the query, or could not execute it.</exception>
    /// <exception cref="SqlMemoryException">The query needs more memory than it may have.</exception>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or an engine ended the query because it took too long.
    /// </exception>
    /// <exception cref="SessionsUnavailableException">
    /// The columns alone are asked and can't answer, or this program is not allowed to create roles on this server.
    /// </exception>
    public async Task<SqlAnswer> Run(
        string project, string query, SqlEngine? engine, StatementLimits limits, SqlSize size, CancellationToken cancellation)
    {
        if (engine != SqlEngine.Postgres && columns is not null && await columns.Run(project, query, limits, size, cancellation) is { } answer)
        {
            return answer;
        }

        if (engine == SqlEngine.Columns)
        {
            throw new SessionsUnavailableException("The columns can't answer now: they are off or away, or are being written.");
        }

        try
        {
            return await RunInPostgres(project, query, limits, size, cancellation);
        }
        catch (SqlRefusedException refused) when (engine is null && columns is { IsOn: true })
        {
            throw new SqlRefusedException(
                $"{refused.Message} (Postgres was asked because the columns can't answer now. Its dialect differs from theirs.)", refused.Position);
        }
    }

    /// <summary>Runs one query in Postgres, with the rights of a project's reader.</summary>
    /// <exception cref="SqlRefusedException">Postgres refused the query, or could not execute it.</exception>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or ended the query because it took too long.
    /// </exception>
    /// <exception cref="SessionsUnavailableException">
    /// This program is not allowed to create roles on this server.
    /// </exception>
    private async Task<SqlAnswer> RunInPostgres(
        string project, string query, StatementLimits limits, SqlSize size, CancellationToken cancellation)
    {
        if (SqlPlaceholders.First(query) is var (index, placeholder))
        {
            // Postgres would treat the parameter as null, and the result would have no rows.
            throw new SqlRefusedException($"there is no parameter {placeholder}: the query has to hold the value itself", index + 1);
        }

        await using NpgsqlConnection connection = await readers.Open(project, cancellation);
        await RefuseDangerous(connection, query, cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (NpgsqlCommand begin = new(limits.SetLocal, connection))
        {
            await begin.ExecuteNonQueryAsync(cancellation);
        }

        await Checked(connection, query, cancellation);
        try
        {
            return await Read(connection, query, size, cancellation);
        }
        catch (PostgresException refused) when (IsRefusal(refused))
        {
            throw new SqlRefusedException(refused.MessageText, refused.Position);
        }
    }

    private static async Task Checked(NpgsqlConnection connection, string query, CancellationToken cancellation)
    {
        try
        {
            await using (NpgsqlCommand check = AsWritten(connection, Check + query))
            {
                await check.ExecuteNonQueryAsync(cancellation);
            }

            await using NpgsqlCommand close = new("close checked", connection);
            await close.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException refused) when (IsRefusal(refused))
        {
            throw new SqlRefusedException(refused.MessageText, Math.Max(0, refused.Position - Check.Length));
        }
    }

    /// <summary>
    /// Refuses queries that name dangerous functions, for servers whose administrator has not revoked the rights to
    /// them.
    /// </summary>
    private static async Task RefuseDangerous(NpgsqlConnection connection, string query, CancellationToken cancellation)
    {
        if (await FunctionRights.Missing(connection, cancellation) is not { Length: > 0 } missing)
        {
            return;
        }

        string names = string.Join('|', missing.Select(Regex.Escape));
        // A name could also be written with Unicode escapes, so these are refused too.
        Match match = Regex.Match(query, $@"\b({names})\b|\bU&", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        if (match.Success)
        {
            throw new SqlRefusedException($"permission denied for {match.Value}", match.Index + 1);
        }
    }

    private static async Task<SqlAnswer> Read(
        NpgsqlConnection connection, string query, SqlSize size, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = AsWritten(connection, query);
        command.AllResultTypesAreUnknown = true;
        // Sequential access, so that a row is never completely in memory: a single value may have a gigabyte.
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        SqlColumn[] columns = [.. Enumerable.Range(0, reader.FieldCount)
            .Select(column => new SqlColumn(reader.GetName(column), reader.GetDataTypeName(column)))];
        List<string?[]> rows = [];
        long left = size.Characters;
        bool truncated = false;
        char[] buffer = ArrayPool<char>.Shared.Rent(4096);
        try
        {
            while (!truncated && await reader.ReadAsync(cancellation))
            {
                string?[] row = new string?[columns.Length];
                truncated = rows.Count == size.Rows;
                for (int column = 0; column < row.Length && !truncated; column++)
                {
                    left -= PerValue;
                    if (!await reader.IsDBNullAsync(column, cancellation))
                    {
                        row[column] = await ReadValue(reader, column, left, buffer, cancellation);
                        left -= row[column]?.Length ?? long.MaxValue / 2;
                    }

                    truncated = left < 0;
                }

                if (!truncated)
                {
                    rows.Add(row);
                }
            }

            if (truncated)
            {
                await GiveUp(command, reader);
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }

        return new SqlAnswer(columns, rows, truncated);
    }

    /// <summary>Cancels the query. Without this, Npgsql would read the rest of the result.</summary>
    private static async Task GiveUp(NpgsqlCommand command, NpgsqlDataReader reader)
    {
        command.Cancel();
        try
        {
            await reader.CloseAsync();
        }
        catch (PostgresException canceled) when (canceled.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            // The cancellation has worked.
        }
    }

    /// <summary>Reads a value as text; null when it has more characters than are still allowed.</summary>
    private static async Task<string?> ReadValue(
        NpgsqlDataReader reader, int column, long left, char[] buffer, CancellationToken cancellation)
    {
        using TextReader text = await reader.GetTextReaderAsync(column, cancellation);
        int read = await text.ReadBlockAsync(buffer, cancellation);
        if (read < buffer.Length)
        {
            return read > left ? null : new string(buffer, 0, read);
        }

        StringBuilder value = new();
        while (read > 0)
        {
            value.Append(buffer, 0, read);
            if (value.Length > left)
            {
                return null;
            }

            read = await text.ReadBlockAsync(buffer, cancellation);
        }

        return value.ToString();
    }

    /// <summary>
    /// Makes a command whose text is sent to Postgres unchanged. Without a parameter, Npgsql would split the text at
    /// semicolons and send each part as a statement.
    /// </summary>
    private static NpgsqlCommand AsWritten(NpgsqlConnection connection, string text)
    {
        NpgsqlCommand command = new(text, connection);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = DBNull.Value });
        return command;
    }

    // All errors except a timeout, a shutdown of the server, and a lack of connections.
    private static bool IsRefusal(PostgresException refused) =>
        !refused.SqlState.StartsWith("57", StringComparison.Ordinal) && refused.SqlState != PostgresErrorCodes.TooManyConnections;
}
