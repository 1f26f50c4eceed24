using System.Security.Claims;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Database.Readers;
using Sessions.Domain.Projects;
using Sessions.Queries;
using Sessions.Web.Access;

namespace Sessions.Web.Projects;

/// <summary>A project that was made just now, with its secrets, which can't be shown again.</summary>
/// <param name="Id">The project's id.</param>
/// <param name="Token">Its public token.</param>
/// <param name="ApiKey">Its API key.</param>
/// <param name="PostgresReader">
/// The connection string of its SQL reader; null when the program may not create roles in Postgres.
/// </param>
internal sealed record NewProject(string Id, string Token, string ApiKey, string? PostgresReader);

/// <summary>Makes, renames, archives and deletes projects, for the operator's API and page.</summary>
internal sealed partial class ProjectMaking(
    ProjectQueries projects,
    NpgsqlDataSource database,
    ProjectChanges changes,
    ProjectDirectory directory,
    Audit audit,
    ILogger<ProjectMaking> log)
{
    /// <summary>Explains why the default project can't be deleted.</summary>
    public const string DefaultStays =
        "The default project is the one of calls that name none, and each start would make it again. Archive it instead.";

    /// <summary>
    /// Explains what is wrong with a new project's id, as a phrase after the field's name; null when the id is valid.
    /// </summary>
    public static string? IdFault(string? id) =>
        id is not null && ProjectId.IsValid(id) ? null : $"must be 1 to {ProjectId.MaxLength} characters of a-z 0-9 - _";

    /// <summary>
    /// Explains what is wrong with a name, as a phrase after the field's name; null when the name is valid.
    /// </summary>
    public static string? NameFault(string? name) =>
        name is not null && ProjectCheck.Problems(new ProjectChange { Name = name }) is [var problem, ..] ? problem.Message : null;

    /// <summary>Makes a project; null when the id is taken.</summary>
    /// <param name="caller">The operator.</param>
    /// <param name="id">A valid id.</param>
    /// <param name="name">A valid name; null for the id.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public async Task<NewProject?> Make(ClaimsPrincipal caller, string id, string? name, CancellationToken cancellation)
    {
        string token = NewKey.MakeToken();
        NewKey key = NewKey.Make();
        if (!await projects.Add(id, token, key.Sha256, cancellation))
        {
            return null;
        }

        await audit.Note(caller, id, new Act(AuditActions.ProjectMade, Subject: null));
        string? reader = await MakeReader(id, cancellation);
        if (name is not null)
        {
            await changes.SetName(id, name);
        }

        await directory.Reread(cancellation);
        return new NewProject(id, token, key.Text, reader);
    }

    /// <summary>Changes a project and returns it; null when there is no such project.</summary>
    /// <param name="caller">The operator.</param>
    /// <param name="id">The project.</param>
    /// <param name="name">A valid name; null leaves the name.</param>
    /// <param name="isArchived">Whether it takes no events; null leaves that.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public async Task<ListedProject?> Change(ClaimsPrincipal caller, string id, string? name, bool? isArchived, CancellationToken cancellation)
    {
        if ((await projects.GetPage("", id, limit: 1, cancellation)).SingleOrDefault() is not { } project)
        {
            return null;
        }

        if (isArchived is { } archived && archived != project.IsArchived)
        {
            await projects.SetArchived(id, archived, cancellation);
            await audit.Note(caller, id, new Act(archived ? AuditActions.ProjectArchived : AuditActions.ProjectRestored, Subject: null));
            await directory.Reread(cancellation);
        }

        if (name is not null)
        {
            await audit.Note(caller, id, new Act(AuditActions.SettingsChanged, Subject: null) { Detail = { ["changed"] = (string[])["name"] } });
            await changes.SetName(id, name);
        }

        return project with { IsArchived = isArchived ?? project.IsArchived };
    }

    /// <summary>
    /// Begins the deletion of a project. When it completes, this gateway knows the project and its keys no more. False when
    /// there is no such project, or when it is being deleted already.
    /// </summary>
    /// <param name="caller">The operator.</param>
    /// <param name="id">A project other than the default one.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public async Task<bool> Delete(ClaimsPrincipal caller, string id, CancellationToken cancellation)
    {
        if (!await projects.Delete(id, cancellation))
        {
            return false;
        }

        // The project's own log goes with it.
        await audit.Note(caller, ProjectId.Default, new Act(AuditActions.ProjectDeletionAsked, id));
        await directory.Reread(cancellation);
        return true;
    }

    private async Task<string?> MakeReader(string project, CancellationToken cancellation)
    {
        string password = NewKey.MakePassword();
        try
        {
            string role = await ReaderRole.Ensure(database, project, password, cancellation);
            return ReaderRole.AddressOf(database.ConnectionString, role, password);
        }
        catch (PostgresException forbidden) when (forbidden.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            LogNoReader(project);
            return null;
        }
    }

    [LoggerMessage(4080, LogLevel.Warning, "Project {Project} has no SQL login, because the program may not create roles in Postgres. Everything else of the project "
        + "works. Give the program's role the right createrole, and set a password for the login with ./run.")]
    private partial void LogNoReader(string project);
}
