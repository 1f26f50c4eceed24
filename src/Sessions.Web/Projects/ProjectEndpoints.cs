using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Domain.Channels;
using Sessions.Domain.Projects;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Projects;

/// <summary>Reads and changes a project's settings.</summary>
internal static class ProjectEndpoints
{
    public static void MapProject(this IEndpointRouteBuilder api)
    {
        api.MapGet("/project", Get).WithName("GetProject").WithSummary("The project's settings.").Answers(ProjectSchema.Answer);
        api.MapPut("/project", Put).WithName("UpdateProject").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Changes the settings in the body, keeps the others, and returns all.")
            .Takes(ProjectSchema.Change).Answers(ProjectSchema.Answer, StatusCodes.Status403Forbidden, StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> Get(
        HttpContext context, ProjectChanges changes, CancellationToken cancellation)
    {
        (ProjectSettings settings, string? token) = await changes.Get(context.User.Project(), cancellation);
        return Answer(settings, token);
    }

    private static async Task<IResult> Put(
        HttpContext context,
        ProjectChanges changes,
        ProjectQueries projects,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        RequestErrors fields = new();
        SettingsRequest? asked = await RequestBody.Read(
            context, fields, options.Value.MaxSettingsBytes, body => SettingsRequest.Read(fields, body), cancellation);
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        // Everything is checked before anything changes.
        if (ProjectCheck.Problems(asked!.Change) is [SettingProblem wrong, ..])
        {
            return RequestErrors.Refusal(wrong.Field, wrong.Message);
        }

        if (await changes.FindFault(asked, cancellation) is var (field, fault))
        {
            return RequestErrors.Refusal(field, fault);
        }

        string project = context.User.Project();
        return await changes.Make(context.User, asked, cancellation) is { } settings
            ? Answer(settings, await projects.GetToken(project, cancellation))
            : TokenIsTaken();
    }

    private static JsonAnswer Answer(ProjectSettings settings, string? token) =>
        new(json => ProjectJson.Write(json, settings, token));

    private static ProblemHttpResult TokenIsTaken() => TypedResults.Problem(
        statusCode: StatusCodes.Status409Conflict,
        title: "Another project has this token.",
        detail: "token must differ from the tokens of all other projects.",
        extensions: new Dictionary<string, object?> { ["field"] = "token" });
}
