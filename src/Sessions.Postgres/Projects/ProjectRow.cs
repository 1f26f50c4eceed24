using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Sessions.Postgres.Projects;

/// <summary>A project's row: how its senders and its readers are recognised.</summary>
public static class ProjectRow
{
    private static readonly string EnsureText = QueryText.Read("ensure_project.sql");

    /// <summary>
    /// Makes the project, or gives it this key, and this token unless it is the one that was configured before: then one
    /// that was set since stays. Of the key only a hash is kept.
    /// </summary>
    /// <returns>The project's token.</returns>
    public static async Task<string> Ensure(
        NpgsqlDataSource database, string project, string token, string apiKey, CancellationToken cancel = default)
    {
        ProjectId.Check(project);
        await using NpgsqlCommand command = database.CreateCommand(EnsureText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = token });
        command.Parameters.Add(new() { Value = SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)) });
        return (string)(await command.ExecuteScalarAsync(cancel))!;
    }
}
