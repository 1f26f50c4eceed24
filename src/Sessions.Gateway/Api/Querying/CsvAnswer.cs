using System.Text;
using Microsoft.AspNetCore.Http;
using Sessions.Postgres.Sql;

namespace Sessions.Gateway.Api.Querying;

/// <summary>What SQL gave as CSV (RFC 4180) with a line of names; null is empty, and an empty text is quoted.</summary>
internal sealed class CsvAnswer(SqlAnswer answer) : IResult
{
    /// <summary>Says <c>true</c> when rows were cut.</summary>
    public const string TruncatedHeader = "X-Truncated";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers[TruncatedHeader] = answer.Truncated ? "true" : "false";
        await using StreamWriter writer = new(response.Body, new UTF8Encoding(false), bufferSize: 16 * 1024, leaveOpen: true);
        StringBuilder line = new();
        Csv.AppendLine(line, answer.Columns.Select(column => column.Name));
        await writer.WriteAsync(line, httpContext.RequestAborted);
        foreach (string?[] row in answer.Rows)
        {
            line.Clear();
            Csv.AppendLine(line, row.Select((value, column) => value is null ? null : SqlJson.Text(answer.Columns[column].Type, value)));
            await writer.WriteAsync(line, httpContext.RequestAborted);
        }
    }
}
