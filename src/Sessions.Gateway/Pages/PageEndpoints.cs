using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Gateway.Access;
using Sessions.Gateway.Pages.Replay;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages;

/// <summary>What people look at.</summary>
internal static class PageEndpoints
{
    private const int VisitorsShown = 50;

    public static void MapPages(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapSignIn();
        endpoints.MapReplayPages();
        endpoints.MapGet("/", Home).RequireAuthorization(AccessSchemes.PagesPolicy).ExcludeFromDescription();
        endpoints.MapGet(StyleSheet.Path, StyleSheet.Answer).ExcludeFromDescription();
    }

    private static async Task<RazorComponentResult<HomePage>> Home(
        HttpContext context, SessionQueries sessions, ProjectDirectory projects, TimeProvider time, CancellationToken cancellation)
    {
        string project = context.User.Project();
        LiveSessions live = await sessions.GetLive(project, VisitorsShown, cancellation);
        OnNow now = new(
            project,
            projects.FindToken(project) ?? "",
            $"{context.Request.Scheme}://{context.Request.Host}",
            time.GetUtcNow(),
            live.Count,
            live.Sessions.Select(Visitor.From).ToArray());
        return new RazorComponentResult<HomePage>(new { Now = now });
    }
}
