using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Web.Layout;

namespace Sessions.Web.Docs;

/// <summary>The documentation, as pages.</summary>
internal static class DocEndpoints
{
    public static void MapDocs(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(DocLibrary.Address, (HttpContext context, PageContextFactory contexts) => Show(DocLibrary.Index, context, contexts));
        pages.MapGet($"{DocLibrary.Address}/{{name}}", Show);
    }

    private static async Task<IResult> Show(string name, HttpContext context, PageContextFactory contexts) =>
        DocLibrary.Find(name) is { } doc
            ? new RazorComponentResult<DocPage>(new { PageContext = await contexts.Of(context), Doc = doc })
            : PageAnswers.Trouble(
                StatusCodes.Status404NotFound, "The documentation has no such page.", "", DocLibrary.Address, "All pages of the documentation");
}
