using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Gateway.Api;
using Sessions.Gateway.Api.Replay;
using Sessions.Gateway.Pages.Frame;

namespace Sessions.Gateway.Pages.Replay;

/// <summary>The replay as a page, and what its script reads with the page's cookie.</summary>
internal static class ReplayPageEndpoints
{
    public static void MapReplayPages(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder pages = endpoints.MapGroup("/sessions/{id}/replay");
        pages.MapGet("", Show);
        pages.MapGet("/data", ReplayEndpoints.Play);
        pages.MapGet("/events", SessionEndpoints.ListEvents);
    }

    private static async Task<Results<RazorComponentResult<SessionReplayPage>, NotFound>> Show(
        string id, HttpContext context, Lookers lookers, SessionCalls sessions, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return TypedResults.NotFound();
        }

        Looker looker = await lookers.Of(context);
        SessionKey key = SessionKey.Create(looker.Project, sessionId);
        return await sessions.Session(key, cancellation) is { } session
            ? new RazorComponentResult<SessionReplayPage>(new { Looker = looker, Shown = session })
            : TypedResults.NotFound();
    }
}
