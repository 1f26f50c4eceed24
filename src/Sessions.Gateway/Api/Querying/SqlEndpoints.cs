using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Gateway.Access;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Sql;

namespace Sessions.Gateway.Api.Querying;

/// <summary>People's SQL over their project's views.</summary>
internal static class SqlEndpoints
{
    private const string CsvType = "text/csv";

    public static void MapSql(this IEndpointRouteBuilder api) =>
        api.MapPost("/sql", Run).WithName("Sql").WithSummary("A query in SQL over the views sessions and events.")
            .Takes("SqlQuery").Answers("SqlAnswer", StatusCodes.Status504GatewayTimeout);

    private static async Task<IResult> Run(
        string? formulas, HttpContext context, SqlQueries sql, SqlTurns turns, IOptions<SqlOptions> options, CancellationToken cancellation)
    {
        AskedFields fields = new();
        Csv csv = fields.Csv(formulas);
        string? query = await AskedBody.Read(
            context, fields, options.Value.MaxBodyBytes, body => QueryOf(fields, body), cancellation);
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        bool isCsv = context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase));
        SqlSize size = new(options.Value.MaxRows, options.Value.MaxCharacters);
        string project = context.User.Project();
        return await turns.Take(
            async timely =>
            {
                try
                {
                    SqlAnswer answer = await sql.Run(project, query!, turns.Limits, size, timely);
                    return isCsv ? new CsvAnswer(answer, csv) : new JsonAnswer(json => SqlJson.Write(json, answer));
                }
                catch (SqlRefusedException refused)
                {
                    return Refused(refused);
                }
            },
            cancellation);
    }

    private static string? QueryOf(AskedFields fields, JsonElement body)
    {
        JsonFields asked = new(fields, "", body, ["query"]);
        string? query = asked.Text("query");
        if (string.IsNullOrWhiteSpace(query) || !PropertyText.TryParse(PropertyType.Text, query, out _))
        {
            fields.Refuse("query", "must be a query in SQL, such as select count(*) from sessions");
        }

        return query;
    }

    private static ProblemHttpResult Refused(SqlRefusedException refused) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: "The query was refused.",
        detail: refused.Message,
        extensions: new Dictionary<string, object?>
        {
            ["field"] = "query",
            ["position"] = refused.Position > 0 ? refused.Position : null,
        });
}

/// <summary>The turns of people's SQL: fewer than those of queries, and apart from them.</summary>
internal sealed class SqlTurns(IOptions<SqlOptions> options, TimeProvider time)
    : Turns(options.Value.AtOnce, options.Value.WaitForTurn, options.Value.Timeout, options.Value.WorkMemoryMegabytes, time);
