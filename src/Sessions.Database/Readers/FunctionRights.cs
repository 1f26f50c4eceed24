using Npgsql;
using Sessions.Database.Connections;

namespace Sessions.Database.Readers;

/// <summary>
/// Restricts which of Postgres' built-in functions users may call. In a new database, every role may call nearly all
/// functions, also those that sleep, lock, run SQL given as text, change settings or write large objects.
/// </summary>
public static class FunctionRights
{
    private static readonly string Dangerous = SqlFile.Read("dangerous_functions.sql");
    private static readonly string RevokeText = Statement("function_rights_revoke.sql");
    private static readonly string MissingText = Statement("function_rights_missing.sql");
    private static readonly string AdviceText = SqlFile.Read("function_rights_advice.sql");

    /// <summary>
    /// Revokes these functions, in one database, from every role except this program's. Does nothing unless the
    /// connection is a superuser's.
    /// </summary>
    /// <param name="connectionString">The superuser's connection to the database.</param>
    /// <param name="program">The role that this program logs in with.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="NpgsqlException">Postgres can't do it now.</exception>
    public static async Task Restrict(string connectionString, string program, CancellationToken cancellation = default)
    {
        await using NpgsqlConnection connection =
            new(new NpgsqlConnectionStringBuilder(PostgresAddress.Complete(connectionString)) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        // The lock keeps two processes that start at the same time from updating the same catalog rows.
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
            // Lets this program limit the disk space of readers' sorts. Only a superuser may grant this.
            command.CommandText = "select format('grant set on parameter temp_file_limit to %I', @program)";
            command.Parameters.AddWithValue("@program", program);
            command.CommandText = (string)(await command.ExecuteScalarAsync(cancellation))!;
            command.Parameters.Clear();
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Lists those of the functions that this connection can still call.</summary>
    internal static async Task<string[]> Missing(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(MissingText, connection);
        return (string[])(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>
    /// The number of dangerous functions that every role may call, the statements with which a superuser can revoke
    /// them, and the database in which to run these. Null when there are none.
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
        SqlFile.Read(file).Replace("{dangerous}", Dangerous, StringComparison.Ordinal);
}
