using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Silo.Projects;

/// <summary>A project's row in Postgres, with the token of its senders and the hash of its API key.</summary>
public static class ProjectRow
{
    private static readonly string EnsureText = SqlFile.Read("ensure_project.sql");
    private static readonly string OperatorText = SqlFile.Read("operator_set.sql");

    /// <summary>
    /// Creates the project, or updates its API key and its token. The token stays as it is when the configured one has
    /// not changed, so that a token set later by the API is kept. Only a hash of the key is stored.
    /// </summary>
    /// <returns>The project's token.</returns>
    /// <exception cref="InvalidOperationException">The project is being deleted.</exception>
    public static async Task<string> Ensure(
        NpgsqlDataSource database, string project, string token, string apiKey, CancellationToken cancel = default)
    {
        ProjectId.Check(project);
        try
        {
            return await EnsureOnce(database, project, token, apiKey, cancel);
        }
        catch (PostgresException other) when (other is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "projects_token_key" })
        {
            // Another process makes the same project at this moment, and its token came first: the row is there now.
            return await EnsureOnce(database, project, token, apiKey, cancel);
        }
    }

    private static async Task<string> EnsureOnce(
        NpgsqlDataSource database, string project, string token, string apiKey, CancellationToken cancel)
    {
        await using NpgsqlCommand command = database.CreateCommand(EnsureText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = token });
        command.Parameters.Add(new() { Value = SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)) });
        return (string?)await command.ExecuteScalarAsync(cancel)
            ?? throw new InvalidOperationException($"Project {project} is being deleted. Start again without it until it is gone.");
    }

    /// <summary>Sets the operator's key; null removes it. Only a hash of the key is stored.</summary>
    public static async Task SetOperator(NpgsqlDataSource database, string? operatorKey, CancellationToken cancel = default)
    {
        await using NpgsqlCommand command = database.CreateCommand(OperatorText);
        command.Parameters.Add(new()
        {
            NpgsqlDbType = NpgsqlDbType.Bytea,
            Value = operatorKey is null ? DBNull.Value : SHA256.HashData(Encoding.UTF8.GetBytes(operatorKey)),
        });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
