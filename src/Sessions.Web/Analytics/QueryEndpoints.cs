using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>Aggregates sessions and events.</summary>
internal static class QueryEndpoints
{
    public static void MapQuery(this IEndpointRouteBuilder api) =>
        api.MapPost("/query", Query).WithName("Query").WithSummary("Sessions and events, aggregated.")
            .Takes<QueryJson>().Answers<QueryResult>(StatusCodes.Status504GatewayTimeout);

    private static async Task<IResult> Query(
        HttpContext context,
        QueryAnswers answers,
        ProjectCache<QuerySettings> settings,
        IOptions<ApiOptions> api,
        IOptions<QueryOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        string project = context.User.Project();
        DateTimeOffset now = time.GetUtcNow();
        RequestErrors errors = new();
        QueryCheck check = new(errors, (await settings.Of(project)).Calendar, now, api.Value, options.Value);
        QueryRequest? request = await RequestBody.Read(
            context,
            errors,
            options.Value.MaxBodyBytes,
            body => JsonBinding.Read(errors, "", body, QueryJsonContext.Default.QueryJson)?.ToRequest(check),
            cancellation);
        return errors.Problem is { } problem
            ? problem
            : (await answers.Answer(project, request!, now, cancellation))
                .ToAnswer(result => JsonAnswer.Of(result, QueryResultJson.Default.QueryResult));
    }
}
