using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Projects;

/// <summary>Lists, makes, renames, archives and deletes projects, for the operator's key alone.</summary>
internal static class ProjectListEndpoints
{
    private const string Path = "/projects";

    public static void MapProjects(this IEndpointRouteBuilder api)
    {
        RouteGroupBuilder projects = api.MapGroup("").RequireAuthorization(AccessSchemes.ApiOperatorPolicy);
        projects.MapGet(Path, List).WithName("ListProjects").WithSummary("All projects, in the order of their ids. Only with the operator's key.")
            .Answers<PageJson<ListedProjectJson>>(StatusCodes.Status403Forbidden);
        projects.MapPost(Path, Make).WithName("MakeProject")
            .WithSummary("Makes a project. Only this answer contains its API key and its SQL login. Only with the operator's key.")
            .Takes<ProjectToMakeJson>().Produces<NewProjectJson>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        projects.MapGet(Path + "/{id}", Get).WithName("GetProjectById").WithSummary("A project. Only with the operator's key.")
            .Answers<ListedProjectJson>(StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);
        projects.MapPatch(Path + "/{id}", Patch).WithName("PatchProject").WithSummary("Renames or archives a project. Only with the operator's key.")
            .Takes<ProjectPatchJson>().Answers<ListedProjectJson>(StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);
        projects.MapDelete(Path + "/{id}", Delete).WithName("DeleteProject")
            .WithSummary("Deletes a project with everything in it. The body confirms it. Only with the operator's key.")
            .Takes<ProjectToDeleteJson>().Produces<LeavingProjectJson>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> List(
        string? limit, string? cursor, ProjectQueries projects, ProjectCache<ProjectSettings> settings, IOptions<ApiOptions> options, CancellationToken cancellation)
    {
        RequestErrors fields = new();
        int most = fields.Limit(limit, options.Value);
        if (!string.IsNullOrEmpty(cursor) && !ProjectId.IsValid(cursor))
        {
            fields.Refuse("cursor", "must be the next of a page of projects");
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        IReadOnlyList<ListedProject> found = await projects.GetPage(cursor ?? "", only: null, most + 1, cancellation);
        ListedProjectJson[] page = await Task.WhenAll(found.Take(most).Select(project => Json(project, settings)));
        return JsonAnswer.Of(
            new PageJson<ListedProjectJson>(page, found.Count > most ? page[^1].Id : null), ProjectListJsonContext.Default.PageJsonListedProjectJson);
    }

    private static async Task<IResult> Make(
        HttpContext context, ProjectMaking making, IOptions<ApiOptions> options, CancellationToken cancellation)
    {
        RequestErrors fields = new();
        ProjectToMakeJson? asked = await RequestBody.Read(
            context, fields, options.Value.MaxSettingsBytes,
            body => JsonBinding.Read(fields, "", body, ProjectListJsonContext.Default.ProjectToMakeJson), cancellation);
        if (fields.Problem is null && ProjectMaking.IdFault(asked!.Id) is { } idFault)
        {
            fields.Refuse("id", idFault);
        }

        if (fields.Problem is null && ProjectMaking.NameFault(asked!.Name) is { } nameFault)
        {
            fields.Refuse("name", nameFault);
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        return await making.Make(context.User, asked!.Id, asked.Name, cancellation) is { } made
            ? JsonAnswer.Of(
                new NewProjectJson(made.Id, made.Token, made.ApiKey, made.PostgresReader),
                ProjectListJsonContext.Default.NewProjectJson,
                StatusCodes.Status201Created)
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict,
                title: "The id is taken.",
                detail: "id must differ from the ids of all other projects, also of those that are being deleted.",
                extensions: new Dictionary<string, object?> { ["field"] = "id" });
    }

    private static async Task<IResult> Get(
        string id, ProjectQueries projects, ProjectCache<ProjectSettings> settings, CancellationToken cancellation) =>
        await Find(id, projects, cancellation) is { } project ? await Answer(project, settings) : NoSuchProject();

    private static async Task<IResult> Patch(
        string id,
        HttpContext context,
        ProjectMaking making,
        ProjectCache<ProjectSettings> settings,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        RequestErrors fields = new();
        ProjectPatchJson? asked = await RequestBody.Read(
            context, fields, options.Value.MaxSettingsBytes,
            body => JsonBinding.Read(fields, "", body, ProjectListJsonContext.Default.ProjectPatchJson), cancellation);
        if (fields.Problem is null && ProjectMaking.NameFault(asked!.Name) is { } nameFault)
        {
            fields.Refuse("name", nameFault);
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        return ProjectId.IsValid(id) && await making.Change(context.User, id, asked!.Name, asked.Archived, cancellation) is { } project
            ? await Answer(project, settings)
            : NoSuchProject();
    }

    private static async Task<IResult> Delete(
        string id, HttpContext context, ProjectMaking making, IOptions<ApiOptions> options, CancellationToken cancellation)
    {
        RequestErrors fields = new();
        ProjectToDeleteJson? asked = await RequestBody.Read(
            context, fields, options.Value.MaxSettingsBytes,
            body => JsonBinding.Read(fields, "", body, ProjectListJsonContext.Default.ProjectToDeleteJson), cancellation);
        // Nothing in the body confirms anything, whatever else is wrong with it.
        if (fields.Faults is [("body", _), ..] || (fields.Problem is null && asked!.Confirm != id))
        {
            return RequestErrors.Refusal("confirm", "must be the id of the project");
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        if (id == ProjectId.Default)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The default project stays.", detail: ProjectMaking.DefaultStays);
        }

        return ProjectId.IsValid(id) && await making.Delete(context.User, id, cancellation)
            ? JsonAnswer.Of(
                new LeavingProjectJson(id, Deleting: true), ProjectListJsonContext.Default.LeavingProjectJson, StatusCodes.Status202Accepted)
            : NoSuchProject();
    }

    private static async Task<ListedProject?> Find(string id, ProjectQueries projects, CancellationToken cancellation) =>
        ProjectId.IsValid(id) ? (await projects.GetPage("", id, limit: 1, cancellation)).SingleOrDefault() : null;

    private static async Task<IResult> Answer(ListedProject project, ProjectCache<ProjectSettings> settings) =>
        JsonAnswer.Of(await Json(project, settings), ProjectListJsonContext.Default.ListedProjectJson);

    private static async Task<ListedProjectJson> Json(ListedProject project, ProjectCache<ProjectSettings> settings) =>
        new(project.Id, (await settings.Of(project.Id)).Name, project.IsArchived, project.CreatedAt);

    private static ProblemHttpResult NoSuchProject() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "There is no such project.");
}
