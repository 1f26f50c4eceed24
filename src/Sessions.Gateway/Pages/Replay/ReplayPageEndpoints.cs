using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api;
using Sessions.Gateway.Api.Replay;

namespace Sessions.Gateway.Pages.Replay;

/// <summary>What the replay's script reads with the page's cookie.</summary>
internal static class ReplayPageEndpoints
{
    public static void MapReplayPages(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder pages = endpoints.MapGroup("/sessions/{id}/replay")
            .RequireAuthorization(AccessSchemes.PagesPolicy)
            .ExcludeFromDescription();
        pages.MapGet("/data", ReplayEndpoints.Play);
        pages.MapGet("/events", SessionEndpoints.ListEvents);
        endpoints.MapGet(ReplayAssets.Path, (string name, HttpContext context, ReplayAssets assets) => assets.Send(context, name))
            .ExcludeFromDescription();
    }
}
