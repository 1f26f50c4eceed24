using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Domain.Querying;
using Sessions.Gateway.Access;
using Sessions.Grains;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Api.Querying;

/// <summary>Aggregating sessions and events.</summary>
internal static class QueryEndpoints
{
    public static void MapQuery(this IEndpointRouteBuilder api) =>
        api.MapPost("/query", Query).WithName("Query").WithSummary("Sessions and events, aggregated.")
            .Takes("Query").Answers("QueryAnswer", StatusCodes.Status504GatewayTimeout);

    private static async Task<IResult> Query(
        HttpContext context,
        AggregateQueries aggregates,
        QueryTurns turns,
        ProjectCache<QuerySettings> settings,
        IOptions<ApiOptions> api,
        IOptions<QueryOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        string project = context.User.Project();
        DateTimeOffset now = time.GetUtcNow();
        LocalCalendar calendar = (await settings.Of(project)).Calendar;
        AskedFields fields = new();
        AskedQuery? asked = await AskedBody.Read(
            context,
            fields,
            options.Value.MaxBodyBytes,
            body => AskedQuery.Read(fields, body, calendar, now, api.Value, options.Value),
            cancellation);
        return fields.Problem is { } problem
            ? problem
            : await turns.Take(
                timely => Answer(asked!, project, aggregates, turns.Limits, now, options.Value, timely), cancellation);
    }

    /// <summary>The answer to a query that was read: JSON, or what is wrong with it.</summary>
    internal static async Task<IResult> Answer(
        AskedQuery asked,
        string project,
        AggregateQueries aggregates,
        StatementLimits limits,
        DateTimeOffset now,
        QueryOptions options,
        CancellationToken cancellation) =>
        (await Answer([asked], project, aggregates, limits, now, options, cancellation))[0];

    /// <summary>
    /// The answers to queries that were read, all as of the same moment, but for those about all time whose range has to be
    /// shortened because of what is found.
    /// </summary>
    internal static async Task<IReadOnlyList<IResult>> Answer(
        IReadOnlyList<AskedQuery> asked,
        string project,
        AggregateQueries aggregates,
        StatementLimits limits,
        DateTimeOffset now,
        QueryOptions options,
        CancellationToken cancellation)
    {
        DateTimeOffset first = asked.All(one => one.From is not null) ? now : await aggregates.GetFirst(project, cancellation) ?? now;
        PlannedAnswer[] planned = [.. asked.Select(one => new PlannedAnswer(one, project, one.From ?? first, now, options))];
        while (planned.Where(one => one.Aggregation is not null).ToArray() is { Length: > 0 } open)
        {
            Dictionary<Aggregation, PlannedAnswer> byQuestion = new(ReferenceEqualityComparer.Instance);
            foreach (PlannedAnswer one in open)
            {
                byQuestion.Add(one.Aggregation!, one);
            }

            IReadOnlyList<AggregationResult?> results = await aggregates.Get(
                [.. byQuestion.Keys], limits, (question, groups) => byQuestion[question].Fits(groups), cancellation);
            foreach ((PlannedAnswer one, AggregationResult? result) in byQuestion.Values.Zip(results))
            {
                one.Take(result);
            }
        }

        return [.. planned.Select(one => one.Answer!)];
    }
}
