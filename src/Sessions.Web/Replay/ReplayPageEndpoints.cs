using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Sessions.Web.Replay;

/// <summary>What the script of a replay reads with the page's cookie, and the page in which it puts the player.</summary>
internal static class ReplayPageEndpoints
{
    public static void MapReplayData(this IEndpointRouteBuilder pages) => pages.MapGet("/sessions/{id}/replay/data", ReplayEndpoints.Play);

    /// <summary>The page in which a replay has its player. Browsers load it for a frame, which other pages refuse.</summary>
    public static void MapReplayFrame(this IEndpointRouteBuilder endpoints) => endpoints.MapGet(ReplayFrame.Address, ReplayFrame.Answer);
}
