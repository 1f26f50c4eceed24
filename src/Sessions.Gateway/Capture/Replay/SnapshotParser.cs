using Sessions.Domain.Replay;
using Sessions.Domain.Time;
using Sessions.Gateway.Capture.Body;
using Sessions.Gateway.Capture.Cookieless;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Replay;

/// <summary>A body's snapshots as blocks to store and events to track.</summary>
/// <param name="Project">The id of the project that the token names.</param>
/// <param name="Snapshots">Those that are fit to be kept, in the body's order.</param>
/// <param name="Dropped">Those that are not.</param>
internal sealed record ParsedSnapshots(
    string Project, IReadOnlyList<ParsedSnapshot> Snapshots, IReadOnlyList<EventNote> Dropped);

/// <summary>A snapshot that is fit to be kept.</summary>
/// <param name="Event">Its summary, as an event on its way into its session.</param>
/// <param name="Block">What is stored of it.</param>
internal readonly record struct ParsedSnapshot(CapturedEvent Event, SnapshotBlock Block);

/// <summary>Turns a replay body's JSON into blocks and their summaries.</summary>
internal sealed class SnapshotParser(CaptureOptions limits, FindProject findProject)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <param name="json">The body as valid UTF-8.</param>
    /// <param name="querySentAt">When the client sent it, as the query says; the body knows better.</param>
    /// <param name="now">When it arrived.</param>
    /// <param name="share">Pays for what is made of it.</param>
    /// <exception cref="CaptureRefusedException">Nothing of it can be taken, by whomever.</exception>
    public ParsedSnapshots Parse(ReadOnlySpan<byte> json, Moment? querySentAt, DateTimeOffset now, BodyShare share)
    {
        json = json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json;
        ScannedSnapshots body = SnapshotScanner.Scan(json, limits.MaxEvents);
        string project = ProjectTokens.Check(TokenOf(body), findProject);
        List<ParsedSnapshot> snapshots = [];
        List<EventNote> dropped = [];
        foreach (ScannedSnapshot found in body.Snapshots)
        {
            string? reason = WhyDropped(found);
            if (reason is null && Make(project, found, json, body.SentAt ?? querySentAt, now) is { } made)
            {
                share.Take(made.Block.Block.Data.Length);
                snapshots.Add(made);
            }
            else
            {
                dropped.Add(new EventNote(found.Index, reason ?? DropReason.InvalidSnapshot));
            }
        }

        return new ParsedSnapshots(project, snapshots, dropped);
    }

    private static ParsedSnapshot? Make(
        string project, ScannedSnapshot found, ReadOnlySpan<byte> json, Moment? sentAt, DateTimeOffset now)
    {
        string distinctId = found.DistinctId ?? found.PropertyDistinctId!;
        long skewMs = found.IgnoreSentAt ? 0 : ReplayTimes.SkewMs(found.SentAt ?? sentAt, now);
        string device = UserDeviceKey.DeviceOf(distinctId, found.DeviceId);
        if (SnapshotBlock.Of(project, device, found, json, skewMs, now) is not { } block)
        {
            return null;
        }

        var sent = new SessionEvent
        {
            // Without an id of its own it is known by its content, so that it counts once all the same.
            Id = found.Id ?? block.Block.BlockId,
            Name = SnapshotName,
            Timestamp = EventTime.Resolve(
                new ClientTime { Timestamp = Moment.From(DateTimeOffset.FromUnixTimeMilliseconds(block.Summary.StartMs)) }, now),
            DistinctId = distinctId,
            DeviceId = found.DeviceId,
            SessionId = found.SessionId!.Value.ToString(),
            WindowId = found.WindowId,
            Properties = block.Summary.Write(),
            IsReplay = true,
        };
        var captured = new CapturedEvent(found.Index, sent) { UserAgent = found.UserAgent, Host = found.Host };
        return new ParsedSnapshot(captured, block);
    }

    private const string SnapshotName = "$snapshot";

    private static string? WhyDropped(ScannedSnapshot found) => found switch
    {
        { IsObject: false } => DropReason.NotAnObject,
        { Name: null } => DropReason.MissingEventName,
        { Name: not SnapshotName } => CaptureReason.EventOnReplayPath,
        { DistinctId: null, PropertyDistinctId: null } => DropReason.MissingDistinctId,
        { HasInvalidId: true } => DropReason.InvalidUuid,
        { HasInvalidSessionId: true } => DropReason.InvalidSessionId,
        { SessionId: null } => CaptureReason.MissingSessionId,
        { HasData: false } => CaptureReason.MissingSnapshotData,
        // The server gives cookieless visitors their ids and sessions; what names one of its own is not theirs.
        _ when found.IsCookieless || (found.DistinctId ?? found.PropertyDistinctId) == CookielessVisitor.SentDistinctId =>
            CaptureReason.CookielessSession,
        _ => null,
    };

    private static string? TokenOf(ScannedSnapshots body)
    {
        string? token = body.Token;
        foreach (ScannedSnapshot found in body.Snapshots)
        {
            string? named = found.Token ?? (body.Token is null ? found.PropertyToken : null);
            if (named is not null && token is not null && named != token)
            {
                throw new CaptureRefusedException(
                    CaptureRefusal.Unauthorized("The body has two different project tokens."));
            }

            token ??= named;
        }

        return token;
    }
}
