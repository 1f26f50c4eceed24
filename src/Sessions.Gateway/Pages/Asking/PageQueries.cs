using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sessions.Gateway.Api;
using Sessions.Gateway.Api.Querying;
using Sessions.Gateway.Pages.Frame;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Pages.Asking;

/// <summary>Asks what programs ask through <c>/api/query</c>, in this process, with the same checks and limits.</summary>
internal sealed class PageQueries(
    AggregateQueries aggregates, QueryTurns turns, IOptions<ApiOptions> api, IOptions<QueryOptions> options)
{
    /// <exception cref="SessionsUnavailableException">Too many others are at work.</exception>
    public async Task<QueryAnswer> Ask(Looker looker, QueryBody query, CancellationToken cancellation) =>
        (await Ask(looker, [query], cancellation))[0];

    /// <summary>Asks several queries in one turn, all as of the same moment.</summary>
    /// <exception cref="SessionsUnavailableException">Too many others are at work.</exception>
    public async Task<IReadOnlyList<QueryAnswer>> Ask(Looker looker, IReadOnlyList<QueryBody> queries, CancellationToken cancellation)
    {
        List<AskedQuery> asked = [];
        foreach (QueryBody query in queries)
        {
            AskedFields fields = new();
            using JsonDocument body = JsonDocument.Parse(query.ToJson());
            asked.Add(AskedQuery.Read(fields, body.RootElement, looker.Calendar, looker.Now, api.Value, options.Value));
            if (fields.Fault is { } fault)
            {
                return [.. queries.Select(_ => new QueryAnswer([], fault))];
            }
        }

        IReadOnlyList<IResult> answers = [];
        IResult all = await turns.Take(
            async timely =>
            {
                answers = await QueryEndpoints.Answer(asked, looker.Project, aggregates, turns.Limits, looker.Now, options.Value, timely);
                return TypedResults.Empty;
            },
            cancellation);
        return all is ProblemHttpResult problem
            ? [.. queries.Select(_ => new QueryAnswer([], Said(problem)))]
            : [.. answers.Select(Read)];
    }

    private static QueryAnswer Read(IResult answer) => answer switch
    {
        JsonAnswer json => QueryAnswer.Read(json.Body()),
        ProblemHttpResult problem => new QueryAnswer([], Said(problem)),
        _ => throw new InvalidOperationException($"A query was answered with {answer.GetType()}."),
    };

    private static string? Said(ProblemHttpResult problem) => problem.ProblemDetails.Detail ?? problem.ProblemDetails.Title;
}
