using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Database.Properties;
using Sessions.Queries.UserSql;
using Sessions.Web.Api;

namespace Sessions.Web.UserSql;

/// <summary>Runs users' SQL over the views of their project.</summary>
internal static class SqlEndpoints
{
    private const string CsvType = "text/csv";

    public static void MapSql(this IEndpointRouteBuilder api) =>
        api.MapPost("/sql", Run).WithName("Sql").WithSummary("A query in SQL over the views sessions and events.")
            .Takes<SqlQueryJson>().Answers<SqlAnswerJson>(StatusCodes.Status504GatewayTimeout).AnswersLines([CsvType]);

    private static async Task<IResult> Run(
        string? formulas, HttpContext context, SqlRunner sql, IOptions<SqlOptions> options, CancellationToken cancellation)
    {
        RequestErrors errors = new();
        Csv csv = errors.Csv(formulas);
        SqlQueryJson? asked = await RequestBody.Read(
            context, errors, options.Value.MaxBodyBytes, body => QueryOf(errors, body), cancellation);
        if (errors.Problem is { } problem)
        {
            return problem;
        }

        bool isCsv = context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase));
        try
        {
            Outcome<SqlAnswer> outcome = await sql.Run(context.User, asked!.Query, EngineOf(asked.Engine), cancellation);
            return outcome.ToAnswer(answer => isCsv ? new CsvAnswer(answer, csv) : JsonAnswer.Of(SqlAnswerJson.Of(answer), SqlJsonContext.Default.SqlAnswerJson));
        }
        catch (SqlRefusedException refused)
        {
            return Refused(refused);
        }
        catch (SqlMemoryException tooMuch)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status504GatewayTimeout, title: tooMuch.Message, detail: "It was cancelled. Ask for less at once.");
        }
    }

    private static SqlEngine? EngineOf(string? word) => word switch
    {
        "columns" => SqlEngine.Columns,
        "postgres" => SqlEngine.Postgres,
        _ => null,
    };

    private static SqlQueryJson? QueryOf(RequestErrors errors, JsonElement body)
    {
        if (JsonBinding.Read(errors, "", body, SqlJsonContext.Default.SqlQueryJson) is not { Query: var query } asked)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(query) || !PropertyText.TryParse(PropertyType.Text, query, out _))
        {
            errors.Refuse("query", "must be a query in SQL, such as select count(*) from sessions");
        }

        if (asked.Engine is not null && EngineOf(asked.Engine) is null)
        {
            errors.Refuse("engine", "must be columns or postgres");
        }

        return asked;
    }

    private static ProblemHttpResult Refused(SqlRefusedException refused) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: $"{NameOf(refused.Engine)} refused the query.",
        detail: refused.Message,
        extensions: new Dictionary<string, object?>
        {
            ["field"] = "query",
            ["position"] = refused.Position > 0 ? refused.Position : null,
            ["engine"] = SqlJson.Word(refused.Engine),
        });

    /// <summary>An engine's name, for people.</summary>
    public static string NameOf(SqlEngine engine) => engine == SqlEngine.Columns ? "DuckDB" : "Postgres";
}
