using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Domain.Replay;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Replay;

/// <summary>The page of a replay, and the data that its script reads with the page's cookie.</summary>
internal static class ReplayPageEndpoints
{
    public static void MapReplayPages(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder pages = endpoints.MapGroup("/sessions/{id}/replay");
        pages.MapGet("", Show);
        pages.MapGet("/data", ReplayEndpoints.Play);
    }

    /// <summary>The page in which a replay has its player. Browsers load it for a frame, which other pages refuse.</summary>
    public static void MapReplayFrame(this IEndpointRouteBuilder endpoints) => endpoints.MapGet(ReplayFrame.Address, ReplayFrame.Answer);

    private static async Task<Results<RazorComponentResult<SessionReplayPage>, NotFound>> Show(
        string id, HttpContext context, PageContextFactory contexts, SessionCalls sessions, ReplayCheck check, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return TypedResults.NotFound();
        }

        PageContext pageContext = await contexts.Of(context);
        SessionKey key = SessionKey.Create(pageContext.Project, sessionId);
        if (await sessions.Session(key, cancellation) is not { } session)
        {
            return TypedResults.NotFound();
        }

        ReplayPlayability playability = await check.Of(key, session.HasReplay, cancellation);
        return new RazorComponentResult<SessionReplayPage>(new { PageContext = pageContext, Shown = session, Playability = playability });
    }
}
