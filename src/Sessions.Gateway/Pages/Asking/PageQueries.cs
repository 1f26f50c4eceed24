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
    public async Task<QueryAnswer> Ask(Looker looker, QueryBody query, CancellationToken cancellation)
    {
        AskedFields fields = new();
        using JsonDocument body = JsonDocument.Parse(query.ToJson());
        AskedQuery asked = AskedQuery.Read(fields, body.RootElement, looker.Calendar, looker.Now, api.Value, options.Value);
        if (fields.Fault is { } fault)
        {
            return new QueryAnswer([], fault);
        }

        IResult answer = await turns.Take(
            timely => QueryEndpoints.Answer(asked, looker.Project, aggregates, turns.Limits, looker.Now, options.Value, timely),
            cancellation);
        return answer switch
        {
            JsonAnswer json => new QueryAnswer(QueryLine.Read(json.Body()), null),
            ProblemHttpResult problem => new QueryAnswer([], problem.ProblemDetails.Detail ?? problem.ProblemDetails.Title),
            _ => throw new InvalidOperationException($"A query was answered with {answer.GetType()}."),
        };
    }
}
