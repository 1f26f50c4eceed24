using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Queries;
using Sessions.Web.Layout;

namespace Sessions.Web.Live;

/// <summary>The page of who is on now.</summary>
internal static class LivePageEndpoints
{
    public static void MapLivePage(this IEndpointRouteBuilder pages) => pages.MapGet("/live", Show).WithMetadata(new PageFields());

    private static async Task<RazorComponentResult<LivePage>> Show(
        HttpContext context, PageContextFactory contexts, SessionQueries sessions, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        DateTimeOffset since = pageContext.Now - LiveSessions.ActiveFor;
        OnNow now = OnNow.Of(await sessions.GetLive(pageContext.Project, since, OnNow.Most, cancellation), since);
        return new RazorComponentResult<LivePage>(new { PageContext = pageContext, Now = now });
    }
}
