using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Domain;
using Sessions.Gateway.Access;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api.Persons;

/// <summary>Reading the log of what was done to a project.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder api) =>
        api.MapGet("/audit", List).WithName("ListAudit").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Who did what to the project, the latest first; with distinct_id what concerns that person.")
            .Answers("AuditPage", StatusCodes.Status403Forbidden);

    private static async Task<IResult> List(
        string? distinct_id,
        string? action,
        string? limit,
        string? cursor,
        HttpContext context,
        AuditQueries audit,
        PersonQueries persons,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        AskedFields fields = new();
        int most = fields.Limit(limit, options.Value);
        long before = 0;
        if (!string.IsNullOrEmpty(cursor) && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            fields.Refuse("cursor", "must be the next of a page of the log");
        }

        if (!string.IsNullOrEmpty(action) && !AuditActions.All.Contains(action))
        {
            fields.Refuse("action", $"must be one of {string.Join(", ", AuditActions.All)}");
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        string project = context.User.Project();
        string[]? subjects = AskedId.Of(distinct_id) is { } id
            ? [.. (await persons.GetMarks(project, id, cancellation)).Select(Convert.ToHexStringLower)]
            : null;
        IReadOnlyList<AuditLine> found = await audit.GetPage(
            project, subjects, string.IsNullOrEmpty(action) ? null : action, string.IsNullOrEmpty(cursor) ? null : before, most + 1, cancellation);
        AuditLine[] page = [.. found.Take(most)];
        string? next = found.Count > most ? page[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return new JsonAnswer(json => SessionJson.WritePage(json, page, Write, next));
    }

    private static void Write(Utf8JsonWriter json, AuditLine line)
    {
        AuditRecord record = line.Record;
        json.WriteStartObject();
        json.WriteNumber("id", line.Id);
        json.WriteString("at", PropertyText.Time(line.At));
        json.WriteString("actor", record.Actor);
        json.WriteString("actor_key", record.ActorKey?.ToString());
        json.WriteString("way", record.Way);
        json.WriteString("action", record.Action);
        json.WriteString("subject", record.Subject);
        json.WritePropertyName("detail");
        json.WriteRawValue(record.Detail ?? "null", skipInputValidation: true);
        json.WriteString("result", record.Result);
        json.WriteEndObject();
    }
}
