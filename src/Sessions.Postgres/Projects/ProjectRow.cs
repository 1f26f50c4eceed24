using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Sessions.Postgres.Projects;

/// <summary>A project's row: how its senders and its readers are recognised.</summary>
public static class ProjectRow
{
    private static readonly string EnsureText = QueryText.Read("ensure_project.sql");

    /// <summary>Makes the project, or gives it this token and key. Of the key only a hash is kept.</summary>
    public static async Task Ensure(
        NpgsqlDataSource database, string project, string token, string apiKey, CancellationToken cancel = default)
    {
        ProjectId.Check(project);
        await using NpgsqlCommand command = database.CreateCommand(EnsureText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = token });
        command.Parameters.Add(new() { Value = SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)) });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
