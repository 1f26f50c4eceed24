using Npgsql;
using Sessions.Database.Connections;

namespace Sessions.Database.Readers;

/// <summary>The login role through which people read one project's views with psql, Grafana or a notebook.</summary>
public static class ReaderRole
{
    private static readonly string EnsureText = SqlFile.Read("reader_role.sql");

    private static readonly string[] OwnSettings =
    [
        "Application Name", "Pooling", "Minimum Pool Size", "Maximum Pool Size", "Max Auto Prepare", "Auto Prepare Min Usages", "Timeout",
        "Command Timeout", "Read Buffer Size", "Host Recheck Seconds",
    ];

    /// <summary>Creates the project's role, or updates its password, and returns its name. Safe to repeat.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or the program's own role is not allowed to create roles.
    /// </exception>
    public static async Task<string> Ensure(
        NpgsqlDataSource database, string project, string password, CancellationToken cancellation = default)
    {
        ProjectId.Check(project);
        await using NpgsqlCommand command = database.CreateCommand(EnsureText);
        command.Parameters.AddWithValue("@project", project);
        // Sends a verifier if one can be computed. With it, the guard can restore the password when the reader changes
        // it.
        command.Parameters.AddWithValue("@password", ScramVerifier.Of(password) ?? password);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>
    /// The connection string of a reader. It reaches the server as the program does, TLS included, but has none of the
    /// settings of the program's own pools.
    /// </summary>
    /// <param name="connectionString">The program's connection string.</param>
    /// <param name="role">The reader's role.</param>
    /// <param name="password">Its password.</param>
    public static string AddressOf(string connectionString, string role, string password)
    {
        NpgsqlConnectionStringBuilder address = new(connectionString) { Username = role, Password = password };
        foreach (string own in OwnSettings)
        {
            address.Remove(own);
        }

        return PostgresAddress.Complete(address.ConnectionString);
    }
}
