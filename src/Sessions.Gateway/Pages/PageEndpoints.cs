using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Gateway.Access;
using Sessions.Gateway.Pages.Asking;
using Sessions.Gateway.Pages.Browse;
using Sessions.Gateway.Pages.Frame;
using Sessions.Gateway.Pages.Now;
using Sessions.Gateway.Pages.Privacy;
using Sessions.Gateway.Pages.Replay;
using Sessions.Gateway.Pages.Settings;
using Sessions.Gateway.Pages.Webhooks;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages;

/// <summary>What people look at.</summary>
internal static class PageEndpoints
{
    public static void MapPages(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder open = endpoints.MapGroup("").ExcludeFromDescription();
        open.AddEndpointFilter(PageAnswers.Guard);
        open.MapSignIn();
        open.MapGet("/admins-only", AdminsOnly);

        RouteGroupBuilder pages = endpoints.MapGroup("").RequireAuthorization(AccessSchemes.PagesPolicy).ExcludeFromDescription();
        pages.AddEndpointFilter(PageAnswers.Guard);
        pages.MapAsking();
        pages.MapGet("/live", Live);
        pages.MapBrowse();
        pages.MapReplayPages();
        pages.MapProjectPages();
        pages.MapWebhookPages();
        pages.MapPrivacy();

        endpoints.MapGet(StyleSheet.Path, StyleSheet.Answer).ExcludeFromDescription();
        endpoints.MapGet("/assets/{name}", (string name, HttpContext context, PageScripts scripts) => scripts.Send(context, name))
            .ExcludeFromDescription();
    }

    private static async Task<RazorComponentResult<LivePage>> Live(
        HttpContext context, Lookers lookers, SessionQueries sessions, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        OnNow now = OnNow.Of(await sessions.GetLive(looker.Project, OnNow.Most, cancellation));
        return new RazorComponentResult<LivePage>(new { Looker = looker, Now = now });
    }

    private static RazorComponentResult<TroublePage> AdminsOnly() => PageAnswers.Trouble(
        StatusCodes.Status403Forbidden,
        "This is for admins.",
        "The key you signed in with may only read. Sign out, and in again with a key whose role is admin.");
}
