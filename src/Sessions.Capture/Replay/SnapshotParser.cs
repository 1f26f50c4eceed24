using Sessions.Capture.Body;
using Sessions.Capture.Parsing;
using Sessions.Domain.Replay;
using Sessions.Domain.Time;

namespace Sessions.Capture.Replay;

/// <summary>The snapshots of a body, as events to track and blocks to store.</summary>
/// <param name="Taken">The summaries of the valid snapshots, as events for their sessions. May be empty.</param>
/// <param name="Blocks">The block of each, by its position in the body.</param>
internal sealed record ParsedSnapshots(CaptureVerdict.Taken Taken, IReadOnlyDictionary<int, ReplayBlock> Blocks);

/// <summary>Turns a replay body's JSON into blocks and their summaries.</summary>
internal sealed class SnapshotParser(CaptureOptions limits, ITokenDirectory tokens)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <param name="json">The body as valid UTF-8.</param>
    /// <param name="querySentAt">
    /// When the client sent it, according to the query. The body's own time has precedence.
    /// </param>
    /// <param name="now">When it arrived.</param>
    /// <param name="share">Pays for the memory of the blocks.</param>
    /// <exception cref="CaptureRefusedException">The body can't be read, or its token is not valid.</exception>
    public ParsedSnapshots Parse(ReadOnlySpan<byte> json, Moment? querySentAt, DateTimeOffset now, BodyShare share)
    {
        json = json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json;
        TokenSearch.Require(json, tokens);
        ScannedBody body = BodyScanner.Scan(json, limits, readsRecordings: true);
        string project = ProjectTokens.FindProject(body, tokens);
        List<CapturedEvent> snapshots = [];
        Dictionary<int, ReplayBlock> blocks = [];
        List<EventNote> dropped = [];
        long bytes = 0;
        foreach (ScannedEvent found in body.Events)
        {
            string? reason = WhyDropped(found);
            if (reason is null && BlockOf(project, found, json, body.SentAt ?? querySentAt, now) is { } made)
            {
                share.Take(made.Block.Data.Length);
                bytes += made.Block.Data.Length;
                snapshots.Add(EventOf(found, made, now));
                blocks.Add(found.Index, made.Block);
            }
            else
            {
                dropped.Add(new EventNote(found.Index, reason ?? DropReason.InvalidSnapshot));
            }
        }

        return new ParsedSnapshots(new CaptureVerdict.Taken(project, snapshots, dropped, [], bytes), blocks);
    }

    private static SnapshotBlock? BlockOf(
        string project, ScannedEvent found, ReadOnlySpan<byte> json, Moment? sentAt, DateTimeOffset now)
    {
        long skewMs = found.Properties.IgnoreSentAt ? 0 : ReplayTimes.SkewMs(found.SentAt ?? sentAt, now);
        return SnapshotBlock.Of(project, found, json, skewMs, now);
    }

    private static CapturedEvent EventOf(ScannedEvent found, SnapshotBlock made, DateTimeOffset now)
    {
        var sent = new SessionEvent
        {
            // A snapshot without an id gets one from its content, so that it counts once when it is sent again.
            Id = found.Id ?? made.Block.BlockId,
            Name = SnapshotName,
            Timestamp = EventTime.Resolve(
                new ClientTime { Timestamp = Moment.From(DateTimeOffset.FromUnixTimeMilliseconds(made.Summary.StartMs)) }, now),
            DistinctId = found.Person!,
            DeviceId = found.Properties.DeviceId,
            SessionId = found.Properties.SessionId!.Value.ToString(),
            WindowId = found.Properties.WindowId,
            Properties = made.Summary.Write(),
            IsReplay = true,
            SenderOrder = found.Order,
        };
        return new CapturedEvent(found.Index, sent) { UserAgent = found.Properties.UserAgent, Host = found.Properties.Host };
    }

    private const string SnapshotName = "$snapshot";

    private static string? WhyDropped(ScannedEvent found) => found switch
    {
        { IsObject: false } => DropReason.NotAnObject,
        _ when string.IsNullOrEmpty(found.Name) => DropReason.MissingEventName,
        { Name: not SnapshotName } => CaptureReason.EventOnReplayPath,
        _ when string.IsNullOrEmpty(found.Person) => DropReason.MissingDistinctId,
        { HasInvalidId: true } => DropReason.InvalidUuid,
        { Properties.HasInvalidSessionId: true } => DropReason.InvalidSessionId,
        { Properties.SessionId: null } => CaptureReason.MissingSessionId,
        { Recording.Events: null } => CaptureReason.MissingSnapshotData,
        // The server gives cookieless visitors their ids and sessions. A snapshot that names another session is not
        // theirs.
        { IsCookieless: true } => CaptureReason.CookielessSession,
        _ => null,
    };
}
