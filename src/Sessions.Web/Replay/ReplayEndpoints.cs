using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Sessions.Domain.Querying;
using Sessions.Domain.Replay;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Replay;

/// <summary>Plays and deletes the recording of a session.</summary>
internal static partial class ReplayEndpoints
{
    /// <summary>
    /// The journal number up to which the answer contains the session's blocks. A request with it as <c>after</c>
    /// returns everything that was recorded later.
    /// </summary>
    public const string CursorHeader = "Replay-Cursor";

    /// <summary>
    /// With <c>after</c>: whether the session is live, so that more may follow. When it is not, a last request gets what was
    /// still on its way.
    /// </summary>
    public const string LiveHeader = "Replay-Live";

    public static void MapReplay(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions/{id}/replay", Play).WithName("GetSessionReplay")
            .AnswersLines(["application/x-ndjson"], StatusCodes.Status404NotFound)
            .WithSummary("A session's rrweb events in time order, [window_id, event] a line, as players need them; nothing when no window can be played. raw=true sends them as received.");
        api.MapDelete("/sessions/{id}/replay", Delete).WithName("DeleteSessionReplay")
            .RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Deletes the recording of a session up to now.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>The replay of the caller's session, for programs and pages.</summary>
    internal static async Task<IResult> Play(
        string id,
        [AsParameters] ReplayFields asked,
        HttpContext context,
        SessionCalls sessions,
        ReplayQueries replays,
        ReplayPlayer player,
        ReplayCheck check,
        Audit audit,
        ILogger<ReplayPlayer> log,
        TimeProvider time,
        CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return WrongId();
        }

        SessionKey session = SessionKey.Create(context.User.Project(), sessionId);
        Task Watched() => audit.Note(context.User, new Act(AuditActions.ReplayWatched, sessionId.ToString()));
        return await Answer(session, Watched, asked, context, sessions, replays, player, check, log, time, cancellation);
    }

    /// <summary>The replay of a session that the caller may see.</summary>
    internal static async Task<IResult> Answer(
        SessionKey session,
        Func<Task> watched,
        ReplayFields asked,
        HttpContext context,
        SessionCalls sessions,
        ReplayQueries replays,
        ReplayPlayer player,
        ReplayCheck check,
        ILogger<ReplayPlayer> log,
        TimeProvider time,
        CancellationToken cancellation)
    {
        RequestErrors fields = new();
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset? from = fields.Time("date_from", asked.DateFrom, isEnd: false, now, LocalCalendar.Utc);
        DateTimeOffset? to = fields.Time("date_to", asked.DateTo, isEnd: true, now, LocalCalendar.Utc);
        if (asked.Raw is not (null or "" or "true" or "false" or "1" or "0"))
        {
            fields.Refuse("raw", "must be true or false");
        }

        int after = 0;
        if (!string.IsNullOrEmpty(asked.After)
            && !int.TryParse(asked.After, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            fields.Refuse("after", $"must be the value of the header {CursorHeader} of an earlier answer");
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        // A page that follows a live recording asks again and again. That is one watching, and nearly always nothing is new.
        bool isFollowing = after > 0;
        if (isFollowing)
        {
            // Read before the blocks: when the session has ended, the answer has all that came before its end.
            bool isLive = await sessions.Session(session, cancellation) is { Status: SessionStatus.Live };
            context.Response.Headers[LiveHeader] = isLive ? "true" : "false";
        }

        IReadOnlyList<ReplayBlockRef> blocks = await replays.List(session, after, cancellation);
        if (blocks.Count == 0 && !isFollowing)
        {
            return NotFound();
        }

        if (!isFollowing)
        {
            await watched();
        }

        int cursor = blocks.Count == 0 ? after : blocks.Max(block => block.Number);
        var part = new ReplayPart(
            from?.ToUnixTimeMilliseconds() ?? long.MinValue,
            to?.ToUnixTimeMilliseconds() ?? long.MaxValue,
            asked.Raw is "true" or "1");
        if (!part.Raw && isFollowing && blocks.All(IsPlainPage))
        {
            // Events of web pages stand alone, so the earlier blocks say nothing about them.
            part = part with { IsForPlayer = true };
        }
        else if (!part.Raw)
        {
            IReadOnlyList<ReplayBlockRef> all = isFollowing ? await replays.List(session, after: 0, cancellation) : blocks;
            IReadOnlyDictionary<string, ReplayPictures> windows = await check.Windows(session, all, cancellation);
            // What SDKs of phones send means nothing without a full snapshot, and neither does an unknown format. The session says
            // what the problem is. Events of pages are rrweb's own, which programs may read without a player.
            bool isShown = windows.Values.Any(window => window.Full > 0)
                || !(all.Any(block => block.IsOfPhone) || windows.Values.Any(window => window.IsUnknown));
            blocks = isShown ? blocks : [];
            part = part with { IsForPlayer = true, Earlier = ReplayCheck.Before(all, part.FromMs, after, windows) };
        }

        try
        {
            await Send(context, cursor, output => player.Write(session, blocks, part, output, cancellation));
        }
        catch (Exception failure) when (context.Response.HasStarted && !cancellation.IsCancellationRequested)
        {
            // An incomplete replay must not look complete.
            LogBroken(log, session.Project, failure);
            context.Abort();
        }

        return Results.Empty;
    }

    /// <summary>Whether a block says that it has events of a web page, in a known format.</summary>
    private static bool IsPlainPage(ReplayBlockRef block) =>
        !block.IsOfPhone && block.Pictures is { Mobile: 0, IsUnknown: false };

    private static async Task Send(HttpContext context, int cursor, Func<PipeWriter, Task> write)
    {
        HttpResponse response = context.Response;
        response.ContentType = "application/x-ndjson; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "Accept-Encoding";
        response.Headers[CursorHeader] = cursor.ToString(CultureInfo.InvariantCulture);
        string accepted = context.Request.Headers.AcceptEncoding.ToString();
        string? encoding = Accepts(accepted, "br") ? "br" : Accepts(accepted, "gzip") ? "gzip" : null;
        if (encoding is null)
        {
            await write(response.BodyWriter);
            return;
        }

        response.Headers.ContentEncoding = encoding;
        await using Stream compressed = encoding == "br"
            ? new BrotliStream(response.Body, CompressionLevel.Fastest, leaveOpen: true)
            : new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        PipeWriter output = PipeWriter.Create(compressed, new StreamPipeWriterOptions(leaveOpen: true));
        await write(output);
        await output.CompleteAsync();
    }

    private static bool Accepts(string accepted, string encoding) => accepted.Split(',').Any(one =>
    {
        string[] parts = one.Split(';', StringSplitOptions.TrimEntries);
        return parts[0].Equals(encoding, StringComparison.OrdinalIgnoreCase)
            && !parts.Skip(1).Any(quality => quality is "q=0" or "q=0.0" or "q=0.00" or "q=0.000");
    });

    private static async Task<IResult> Delete(
        string id, HttpContext context, SessionCalls sessions, ReplayQueries replays, Audit audit, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return WrongId();
        }

        SessionKey session = SessionKey.Create(context.User.Project(), sessionId);
        bool isForgotten = await audit.Around(
            context.User,
            new Act(AuditActions.ReplayDeleted, id),
            () => sessions.Once(grains => grains.GetGrain<ISessionGrain>(session).ForgetReplay(), cancellation),
            forgotten => forgotten);
        if (!isForgotten)
        {
            return NotFound();
        }

        // The recording does not count any more. If its bytes remain after a failure here, a sweep deletes them.
        await replays.DeleteForgotten(session, cancellation);
        return TypedResults.NoContent();
    }

    internal static ProblemHttpResult WrongId() => RequestErrors.Refusal("id", "must be a session's id: a UUID of 36 characters");

    internal static ProblemHttpResult NotFound() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The session does not exist or has no replay.");

    [LoggerMessage(4040, LogLevel.Warning, "A recording of project {Project} could not be sent to its end. Its viewer sees a part of it and "
        + "may load it again. Check that Postgres runs.")]
    private static partial void LogBroken(ILogger log, string project, Exception failure);
}

/// <summary>The query parameters of a replay.</summary>
internal sealed record ReplayFields(
    [property: FromQuery(Name = "date_from")] string? DateFrom,
    [property: FromQuery(Name = "date_to")] string? DateTo,
    [property: FromQuery(Name = "raw")] string? Raw,
    [property: FromQuery(Name = "after")] string? After);
