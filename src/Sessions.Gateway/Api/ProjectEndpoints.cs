using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Domain.Channels;
using Sessions.Domain.Projects;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api.Querying;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Grains;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>Reading and changing a project's settings.</summary>
internal static class ProjectEndpoints
{
    public static void MapProject(this IEndpointRouteBuilder api)
    {
        api.MapGet("/project", Get).WithName("GetProject").WithSummary("The project's settings.").Answers("Project");
        api.MapPut("/project", Put).WithName("UpdateProject")
            .WithSummary("Changes the settings that the body names, leaves the others, and returns all.")
            .Takes("Project").Answers("Project", StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> Get(
        HttpContext context, IGrainFactory grains, ProjectQueries projects, CancellationToken cancellation)
    {
        string project = context.User.Project();
        return Answer(await Grain(grains, project).Get(), await projects.GetToken(project, cancellation));
    }

    private static async Task<IResult> Put(
        HttpContext context,
        IGrainFactory grains,
        ProjectQueries projects,
        ProjectDirectory directory,
        RegexCheck regexes,
        ProjectCache<EventFilter> filters,
        ProjectCache<QuerySettings> queries,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        AskedFields fields = new();
        AskedSettings? asked = await AskedBody.Read(
            context, fields, options.Value.MaxSettingsBytes, body => AskedSettings.Read(fields, body), cancellation);
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        // All is checked before anything is changed.
        if (ProjectCheck.Problems(asked!.Change) is [SettingProblem wrong, ..])
        {
            return AskedFields.Refusal(wrong.Field, wrong.Message);
        }

        if (asked.Change.PathCleaning is { } rules && await regexes.FirstFault(rules.Select(rule => rule.Regex), cancellation) is { } fault)
        {
            return AskedFields.Refusal($"path_cleaning[{fault.Index}].regex", $"is no regular expression: {fault.Message}");
        }

        string project = context.User.Project();
        if (asked.Token is { } token)
        {
            if (!await projects.SetToken(project, token, cancellation))
            {
                return TokenIsTaken();
            }

            await directory.Reread(cancellation);
        }

        IProjectGrain grain = Grain(grains, project);
        ProjectSettings settings = asked.Change == new ProjectChange() ? await grain.Get() : await grain.Update(asked.Change);
        filters.Learn(project, settings);
        queries.Learn(project, settings);
        return Answer(settings, await projects.GetToken(project, cancellation));
    }

    private static IProjectGrain Grain(IGrainFactory grains, string project) =>
        grains.GetGrain<IProjectGrain>(ProjectKey.Create(project));

    private static JsonAnswer Answer(ProjectSettings settings, string? token) =>
        new(json => ProjectJson.Write(json, settings, token));

    private static ProblemHttpResult TokenIsTaken() => TypedResults.Problem(
        statusCode: StatusCodes.Status409Conflict,
        title: "The token is another project's.",
        detail: "token must be one that no other project has.",
        extensions: new Dictionary<string, object?> { ["field"] = "token" });
}
