using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Web.Access;
using Sessions.Web.Layout;

namespace Sessions.Web.Grains;

/// <summary>The operator's page that finds the grains of a project.</summary>
internal static class GrainEndpoints
{
    private const int LongestId = 1_000;

    public static void MapGrainPages(this IEndpointRouteBuilder pages) =>
        pages.MapGet("/grains", Show).RequireAuthorization(AccessSchemes.PagesOperatorPolicy).WithMetadata(new PageFields("id"));

    private static async Task<RazorComponentResult<GrainsPage>> Show(
        HttpContext context, PageContextFactory contexts, GrainSearch search, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        string id = context.Request.Query["id"].ToString();
        if (id.Trim().Length > LongestId)
        {
            pageContext = pageContext.NotUnderstood($"An id of a grain has at most {LongestId} characters. Nothing was searched.");
        }

        IReadOnlyList<FoundGrain>? found = id.Trim().Length is 0 or > LongestId ? null : await search.Find(pageContext.Project, id, cancellation);
        return new(new { PageContext = pageContext, Asked = id, Found = found });
    }
}
