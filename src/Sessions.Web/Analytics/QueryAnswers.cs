using Microsoft.Extensions.Options;
using Sessions.Queries.Aggregates;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>Answers the queries of programs and of pages, with the same checks and limits.</summary>
internal sealed class QueryAnswers(
    AggregateQueries aggregates, QueryConcurrencyLimit concurrency, IOptions<ApiOptions> api, IOptions<QueryOptions> options)
{
    /// <summary>Answers a query that is already checked.</summary>
    /// <exception cref="SessionsUnavailableException">Too many other queries are running.</exception>
    public async Task<Outcome<QueryResult>> Answer(
        string project, QueryRequest request, DateTimeOffset now, CancellationToken cancellation) =>
        (await Answer(project, [request], now, cancellation))[0];

    /// <summary>Checks and answers the query of a page.</summary>
    /// <exception cref="SessionsUnavailableException">Too many other queries are running.</exception>
    public async Task<Outcome<QueryResult>> Answer(
        PageContext pageContext, PageRange range, QueryJson query, CancellationToken cancellation) =>
        (await Answer(pageContext, range, [query], cancellation))[0];

    /// <summary>Checks and answers the queries of a page together, all at the same point of time.</summary>
    /// <exception cref="SessionsUnavailableException">Too many other queries are running.</exception>
    public async Task<IReadOnlyList<Outcome<QueryResult>>> Answer(
        PageContext pageContext, PageRange range, IReadOnlyList<QueryJson> queries, CancellationToken cancellation)
    {
        RequestErrors errors = new();
        QueryCheck check = new(errors, pageContext.Calendar, pageContext.Now, api.Value, options.Value);
        QueryRequest[] requests = [.. queries.Select(query => query.ToRequest(check) with { Before = range.Before })];
        return errors.Problem is { } problem
            ? [.. queries.Select(_ => new Outcome<QueryResult>(problem))]
            : await Answer(pageContext.Project, requests, pageContext.Now, cancellation);
    }

    /// <summary>
    /// Answers queries together, all at the same point of time. Only a query over all time with too many points runs
    /// again, for a shorter range.
    /// </summary>
    private async Task<IReadOnlyList<Outcome<QueryResult>>> Answer(
        string project, IReadOnlyList<QueryRequest> requests, DateTimeOffset now, CancellationToken cancellation)
    {
        Outcome<IReadOnlyList<Outcome<QueryResult>>> all =
            await concurrency.Run(timely => Aggregate(project, requests, now, timely), cancellation);
        return all.Refusal is { } refusal ? [.. requests.Select(_ => new Outcome<QueryResult>(refusal))] : all.Value;
    }

    private async Task<IReadOnlyList<Outcome<QueryResult>>> Aggregate(
        string project, IReadOnlyList<QueryRequest> requests, DateTimeOffset now, CancellationToken cancellation)
    {
        DateTimeOffset first = requests.All(one => one.From is not null) ? now : await aggregates.GetFirst(project, cancellation) ?? now;
        PlannedAnswer[] planned = [.. requests.Select(one => new PlannedAnswer(one, project, one.From ?? first, now, options.Value))];
        while (planned.Where(one => one.Aggregation is not null).ToArray() is { Length: > 0 } open)
        {
            Dictionary<Aggregation, PlannedAnswer> byQuestion = new(ReferenceEqualityComparer.Instance);
            foreach (PlannedAnswer one in open)
            {
                byQuestion.Add(one.Aggregation!, one);
            }

            IReadOnlyList<AggregationResult?> results = await aggregates.Get(
                [.. byQuestion.Keys], concurrency.Limits, (question, groups) => byQuestion[question].Fits(groups), cancellation);
            foreach ((PlannedAnswer one, AggregationResult? result) in byQuestion.Values.Zip(results))
            {
                one.Take(result);
            }
        }

        return [.. planned.Select(one => one.Answer!)];
    }
}
