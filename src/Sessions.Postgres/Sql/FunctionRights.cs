using Npgsql;

namespace Sessions.Postgres.Sql;

/// <summary>
/// Which of Postgres' own functions people may call. Everybody may call nearly all of them in a new database: those that
/// wait, lock, run statements given as text, change settings or write large objects too.
/// </summary>
public static class FunctionRights
{
    private static readonly string Dangerous = QueryText.Read("dangerous_functions.sql");
    private static readonly string RevokeText = Statement("function_rights_revoke.sql");
    private static readonly string MissingText = Statement("function_rights_missing.sql");
    private static readonly string AdviceText = QueryText.Read("function_rights_advice.sql");

    /// <summary>Takes them from everybody but this program, in one database, when the connection is a superuser's.</summary>
    /// <param name="connectionString">The superuser's connection to the database.</param>
    /// <param name="program">The role that this program logs in with.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="NpgsqlException">Postgres can't do it now.</exception>
    public static async Task Restrict(string connectionString, string program, CancellationToken cancellation = default)
    {
        await using NpgsqlConnection connection =
            new(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        // Two processes that start at once would trip over each other's rows.
        await using NpgsqlCommand command = new("select from tracking.locks where name = 'readers' for update", connection);
        await command.ExecuteNonQueryAsync(cancellation);
        command.CommandText = RevokeText;
        command.Parameters.AddWithValue("@program", program);
        object? statements = await command.ExecuteScalarAsync(cancellation);
        command.Parameters.Clear();
        if (statements is string revoke)
        {
            command.CommandText = revoke;
            await command.ExecuteNonQueryAsync(cancellation);
            // How much of the disk a reader's sorts may take is the administrator's to say, or whom he lets.
            command.CommandText = "select format('grant set on parameter temp_file_limit to %I', @program)";
            command.Parameters.AddWithValue("@program", program);
            command.CommandText = (string)(await command.ExecuteScalarAsync(cancellation))!;
            command.Parameters.Clear();
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Those that this connection could call all the same.</summary>
    internal static async Task<string[]> Missing(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(MissingText, connection);
        return (string[])(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>
    /// How many functions everybody may call that only harm in a reader's hand, the statements with which the server's
    /// superuser ends that, and the database that it has to be connected to; null when there are none.
    /// </summary>
    internal static async Task<(int Count, string Statements, string Database)?> Advice(
        NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            AdviceText.Replace("{dangerous}", Dangerous, StringComparison.Ordinal));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Dangerous });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetInt32(0), row.GetString(1), row.GetString(2)) : null;
    }

    private static string Statement(string file) =>
        QueryText.Read(file).Replace("{dangerous}", Dangerous, StringComparison.Ordinal);
}
