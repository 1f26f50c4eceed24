using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries;

/// <summary>A project and its public token.</summary>
/// <param name="Project">The project's id.</param>
/// <param name="Token">The public token that SDKs send.</param>
/// <param name="IsArchived">Whether the project takes no events any more.</param>
public sealed record ProjectAccess(string Project, string Token, bool IsArchived);

/// <summary>A project, as lists show it.</summary>
/// <param name="Id">The project's id.</param>
/// <param name="IsArchived">Whether it takes no events any more.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="IsDeleting">Whether it is being deleted.</param>
public sealed record ListedProject(string Id, bool IsArchived, DateTimeOffset CreatedAt, bool IsDeleting);

/// <summary>Reads, adds and changes projects.</summary>
public sealed class ProjectQueries(NpgsqlDataSource database)
{
    private static readonly string All = SqlFile.Read("projects.sql");
    private static readonly string TokenText = SqlFile.Read("project_token.sql");
    private static readonly string SetTokenText = SqlFile.Read("project_set_token.sql");
    private static readonly string PageText = SqlFile.Read("projects_page.sql");
    private static readonly string AddText = SqlFile.Read("project_add.sql");
    private static readonly string ArchiveText = SqlFile.Read("project_archive.sql");
    private static readonly string DeleteText = SqlFile.Read("project_delete.sql");

    /// <summary>Reads all projects.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<ProjectAccess>> GetAll(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(All);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<ProjectAccess> projects = [];
        while (await reader.ReadAsync(cancellation))
        {
            projects.Add(new ProjectAccess(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        }

        return projects;
    }

    /// <summary>Reads a page of all projects, in the order of their ids.</summary>
    /// <param name="after">Only projects after this id; empty for the first page.</param>
    /// <param name="only">Only this project; null for all.</param>
    /// <param name="limit">The most projects to return.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="withDeleting">Whether to return those too that are being deleted.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<ListedProject>> GetPage(
        string after, string? only, int limit, CancellationToken cancellation, bool withDeleting = false)
    {
        await using NpgsqlCommand command = database.CreateCommand(PageText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)only ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = withDeleting });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<ListedProject> projects = [];
        while (await reader.ReadAsync(cancellation))
        {
            projects.Add(new ListedProject(reader.GetString(0), reader.GetBoolean(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetBoolean(3)));
        }

        return projects;
    }

    /// <summary>Adds a project. Returns false when the id is taken.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> Add(string project, string token, byte[] apiKeySha256, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(AddText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = token });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = apiKeySha256 });
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    /// <summary>Archives a project, or takes it back. Returns false when there is no such project.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> SetArchived(string project, bool isArchived, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ArchiveText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = isArchived });
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    /// <summary>
    /// Begins the deletion of a project: its token and its keys are not valid any more. Silos remove what it has. Returns false
    /// when there is no such project, or when it is being deleted already.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> Delete(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DeleteText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Reads the project's public token; null when there is no such project.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<string?> GetToken(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(TokenText);
        command.Parameters.Add(new() { Value = project });
        return (string?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>Changes the project's token. Returns false when another project has this token.</summary>
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
