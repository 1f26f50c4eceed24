using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>A project and how its senders are recognised.</summary>
/// <param name="Project">The project's id.</param>
/// <param name="Token">The public token that SDKs send.</param>
public sealed record ProjectAccess(string Project, string Token);

/// <summary>The projects and their tokens.</summary>
public sealed class ProjectQueries(NpgsqlDataSource database)
{
    private static readonly string All = QueryText.Read("projects.sql");
    private static readonly string TokenText = QueryText.Read("project_token.sql");
    private static readonly string SetTokenText = QueryText.Read("project_set_token.sql");

    /// <summary>All projects.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<ProjectAccess>> GetAll(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(All);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<ProjectAccess> projects = [];
        while (await reader.ReadAsync(cancellation))
        {
            projects.Add(new ProjectAccess(reader.GetString(0), reader.GetString(1)));
        }

        return projects;
    }

    /// <summary>The project's public token; null when there is no such project.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<string?> GetToken(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(TokenText);
        command.Parameters.Add(new() { Value = project });
        return (string?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>Gives the project another token; false when another project has it.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> SetToken(string project, string token, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(SetTokenText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = token });
        try
        {
            await command.ExecuteNonQueryAsync(cancellation);
            return true;
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }
}
