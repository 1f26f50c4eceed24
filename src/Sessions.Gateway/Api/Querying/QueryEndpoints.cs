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

    /// <summary>The answers to queries that were read, all as of the same moment.</summary>
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
        Aggregation?[] aggregations =
        [
            .. asked.Select(one => QueryPeriods.Of(one, one.From ?? first, now, options.MaxBuckets) is { } periods
                ? new Aggregation(project, periods, one.Series, one.Breakdown)
                : null),
        ];
        Aggregation[] possible = [.. aggregations.OfType<Aggregation>()];
        IReadOnlyList<AggregationResult?> results = await aggregates.Get(
            possible, limits, (one, groups) => groups * PointsInGroup(one) <= options.MaxPoints, cancellation);
        return [.. asked.Zip(aggregations, (one, aggregation) => aggregation is null
            ? AskedFields.Refusal("interval", $"is too short for the range: a series has at most {options.MaxBuckets} points")
            : Written(one, aggregation, results[Array.IndexOf(possible, aggregation)], now, options))];
    }

    private static IResult Written(
        AskedQuery asked, Aggregation aggregation, AggregationResult? result, DateTimeOffset now, QueryOptions options) => result is null
            ? AskedFields.Refusal(
                "breakdown", $"makes too many series for the interval: an answer has at most {options.MaxPoints} points")
            : new JsonAnswer(json => QueryJson.Write(json, asked, aggregation, result, now));

    private static long PointsInGroup(Aggregation asked) =>
        (long)asked.Periods.Sum(period => period.Starts.Count) * asked.Series.Count;
}
