using System.Buffers;
using System.Data;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using Sessions.Postgres.Queries;

namespace Sessions.Postgres.Sql;

/// <summary>
/// Runs people's SQL. What it may see and do is the business of the role it runs as; here it is made sure that it is one
/// query, that only reads, and that it ends.
/// </summary>
public sealed class SqlQueries(SqlReaders readers)
{
    // The grammar lets nothing but a query stand here: no other statement gets past it, and no second one.
    private const string Check = "declare checked no scroll cursor without hold for ";

    // What a value takes besides its characters.
    private const int PerValue = 32;

    /// <summary>Runs one query of a project.</summary>
    /// <exception cref="SqlRefusedException">Postgres refused it, or could not carry it out.</exception>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or ended it because it took too long.</exception>
    /// <exception cref="SessionsUnavailableException">This program may make no roles on this server.</exception>
    public async Task<SqlAnswer> Run(
        string project, string query, StatementLimits limits, SqlSize size, CancellationToken cancellation)
    {
        if (SqlPlaceholders.First(query) is var (index, placeholder))
        {
            // Postgres would take it for null, and so for an answer without rows.
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

    /// <summary>On a server whose administrator has not revoked them, the functions are known by their names.</summary>
    private static async Task RefuseDangerous(NpgsqlConnection connection, string query, CancellationToken cancellation)
    {
        if (await FunctionRights.Missing(connection, cancellation) is not { Length: > 0 } missing)
        {
            return;
        }

        string names = string.Join('|', missing.Select(Regex.Escape));
        // A name may also be written in escapes, which then nobody may use.
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
        // A row is never in memory as a whole: one value may have a gigabyte.
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

    /// <summary>Nobody needs the rest: without this it would be read to its end.</summary>
    private static async Task GiveUp(NpgsqlCommand command, NpgsqlDataReader reader)
    {
        command.Cancel();
        try
        {
            await reader.CloseAsync();
        }
        catch (PostgresException canceled) when (canceled.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            // As we wished.
        }
    }

    /// <summary>The value as Postgres writes it; null when it has more characters than are left.</summary>
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
    /// A command whose text goes to Postgres as it is. Without a parameter Npgsql would take it apart at semicolons and
    /// send the parts one after the other.
    /// </summary>
    private static NpgsqlCommand AsWritten(NpgsqlConnection connection, string text)
    {
        NpgsqlCommand command = new(text, connection);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = DBNull.Value });
        return command;
    }

    // All but that it took too long, that the server goes down, and that it has no room for another connection.
    private static bool IsRefusal(PostgresException refused) =>
        !refused.SqlState.StartsWith("57", StringComparison.Ordinal) && refused.SqlState != PostgresErrorCodes.TooManyConnections;
}
