using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Web.Layout;

namespace Sessions.Web.Docs;

/// <summary>
/// The documentation, as pages. It has nothing of a project, so it needs no sign-in: the sign-in page, pages of errors and shared
/// recordings link to it.
/// </summary>
internal static class DocEndpoints
{
    public static void MapDocs(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(DocLibrary.Address, (HttpContext context, PageContextFactory contexts) => Show(DocLibrary.Index, context, contexts)).AllowAnonymous();
        pages.MapGet($"{DocLibrary.Address}/{{name}}", Show).AllowAnonymous();
    }

    private static async Task<IResult> Show(string name, HttpContext context, PageContextFactory contexts) =>
        DocLibrary.Find(name) is { } doc
            ? context.User.Identity is { IsAuthenticated: true }
                ? new RazorComponentResult<DocPage>(new { PageContext = await contexts.Of(context), Doc = doc })
                : new RazorComponentResult<OpenDocPage>(new { Doc = doc })
            : PageAnswers.Trouble(
                StatusCodes.Status404NotFound, "The documentation has no such page.", "", DocLibrary.Address, "All pages of the documentation");
}
