using System.Text;
using Microsoft.AspNetCore.Http;
using Sessions.Queries.UserSql;
using Sessions.Web.Api;

namespace Sessions.Web.UserSql;

/// <summary>The result of an SQL query as CSV, with a line of column names.</summary>
/// <param name="answer">The result.</param>
/// <param name="csv">The CSV writer.</param>
internal sealed class CsvAnswer(SqlAnswer answer, Csv csv) : IResult
{
    /// <summary>The header that is <c>true</c> when rows were left out.</summary>
    public const string TruncatedHeader = "X-Truncated";

    /// <summary>The header that says which engine answered.</summary>
    public const string EngineHeader = "X-Engine";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers[TruncatedHeader] = answer.Truncated ? "true" : "false";
        response.Headers[EngineHeader] = SqlJson.Word(answer.Engine);
        await using StreamWriter writer = new(response.Body, new UTF8Encoding(false), bufferSize: 16 * 1024, leaveOpen: true);
        StringBuilder line = new();
        csv.AppendNames(line, answer.Columns.Select(column => column.Name));
        await writer.WriteAsync(line, httpContext.RequestAborted);
        foreach (string?[] row in answer.Rows)
        {
            line.Clear();
            csv.AppendLine(line, row.Select((value, column) => Value(answer.Columns[column].Type, value)));
            await writer.WriteAsync(line, httpContext.RequestAborted);
        }
    }

    private static CsvValue Value(string type, string? value) =>
        value is null ? default : new CsvValue(SqlJson.Text(type, value), SqlJson.IsNumberOrJson(type));
}
