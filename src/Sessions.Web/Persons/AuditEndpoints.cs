using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Domain.Events;
using Sessions.Queries.Persons;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Persons;

/// <summary>Reads the audit log of a project.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder api) =>
        api.MapGet("/audit", List).WithName("ListAudit").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The audit log of the project, the latest entry first; with distinct_id the entries about that person.")
            .Answers<PageJson<AuditLineJson>>(StatusCodes.Status403Forbidden);

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
        RequestErrors fields = new();
        int most = fields.Limit(limit, options.Value);
        long before = 0;
        if (!string.IsNullOrEmpty(cursor) && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            fields.Refuse("cursor", "must be the next of a page of the audit log");
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
        string[]? subjects = RequestedId.Of(distinct_id) is { } id
            ? [.. (await persons.GetMarks(project, id, cancellation)).Select(Convert.ToHexStringLower)]
            : null;
        IReadOnlyList<AuditLine> found = await audit.GetPage(
            project, subjects, string.IsNullOrEmpty(action) ? null : action, string.IsNullOrEmpty(cursor) ? null : before, most + 1, cancellation);
        AuditLine[] page = [.. found.Take(most)];
        string? next = found.Count > most ? page[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return JsonAnswer.Of(new PageJson<AuditLineJson>([.. page.Select(AuditLineJson.Of)], next), PersonJsonContext.Default.PageJsonAuditLineJson);
    }
}
