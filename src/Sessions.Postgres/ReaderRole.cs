using Npgsql;

namespace Sessions.Postgres;

/// <summary>The login role through which people read one project's views with psql, Grafana or a notebook.</summary>
public static class ReaderRole
{
    private static readonly string EnsureText = QueryText.Read("reader_role.sql");

    /// <summary>Makes the project's role, or gives it this password, and returns its name. Safe to call again.</summary>
    /// <exception cref="NpgsqlException">Postgres can't do it now, or the program's own role may not make roles.</exception>
    public static async Task<string> Ensure(
        NpgsqlDataSource database, string project, string password, CancellationToken cancellation = default)
    {
        ProjectId.Check(project);
        await using NpgsqlCommand command = database.CreateCommand(EnsureText);
        command.Parameters.AddWithValue("@project", project);
        // Where it can be made: with that, the password can be set again should the reader change it.
        command.Parameters.AddWithValue("@password", ScramVerifier.Of(password) ?? password);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
