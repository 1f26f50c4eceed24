using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Sessions.Queries;
using Sessions.Queries.ReplayShares;
using Sessions.Web.Access;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Replay.Sharing;

/// <summary>
/// What a link shows to a visitor without a key: the page with the player, and the recording that its script reads. There is
/// nothing else below a link, and cookies do not count here.
/// </summary>
internal static class SharedReplayEndpoints
{
    private const string FrameAddress = ReplayShares.Path + "/frame";

    public static void MapSharedReplay(this IEndpointRouteBuilder open)
    {
        open.MapGet(ReplayShares.Path + "/{secret}", Show);
        open.MapGet(ReplayShares.Path + "/{secret}/data", Play);
    }

    /// <summary>The empty page for the player, which is the same for everybody.</summary>
    public static void MapSharedFrame(this IEndpointRouteBuilder frames) => frames.MapGet(FrameAddress, ReplayFrame.Answer);

    private static async Task<IResult> Show(
        string secret, HttpContext context, ReplayShareQueries shares, SessionCalls sessions, ReplayCheck check, CancellationToken cancellation)
    {
        KeepPrivate(context);
        if (await shares.Find(secret, cancellation) is not { } share
            || await sessions.Session(share.Session, cancellation) is not { } session)
        {
            return PageAnswers.Trouble(
                StatusCodes.Status404NotFound,
                "This link does not work.",
                "It has expired or was revoked, or its recording was deleted. Ask the person who sent it for another one.",
                "/signin",
                "Sign in");
        }

        return new RazorComponentResult<SharedReplayPage>(new
        {
            From = $"{ReplayShares.Path}/{secret}",
            Frame = FrameAddress,
            share.ExpiresAt,
            Playability = await check.Of(share.Session, session, cancellation),
            Start = session.ReplayStart,
            IsLive = session.Status == SessionStatus.Live,
        });
    }

    private static async Task<IResult> Play(
        string secret,
        [AsParameters] ReplayFields asked,
        HttpContext context,
        ReplayShareQueries shares,
        SessionCalls sessions,
        ReplayQueries replays,
        ReplayPlayer player,
        ReplayCheck check,
        Audit audit,
        ILogger<ReplayPlayer> log,
        TimeProvider time,
        CancellationToken cancellation)
    {
        KeepPrivate(context);
        return await shares.Find(secret, cancellation) is { } share
            ? await ReplayEndpoints.Answer(
                share.Session, () => audit.NoteWatched(share), asked, context, sessions, replays, player, check, log, time, cancellation)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "This link does not work (any more).");
    }

    // The address is the secret: it stays out of other servers' logs and of search engines.
    private static void KeepPrivate(HttpContext context)
    {
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers["X-Robots-Tag"] = "noindex, nofollow";
    }
}
