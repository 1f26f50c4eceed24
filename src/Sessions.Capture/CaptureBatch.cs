
namespace Sessions.Capture;

/// <summary>
/// A note about one event for the answer: its position in the body, and a reason of <see cref="DropReason"/>.
/// </summary>
internal readonly record struct EventNote(int Index, string Reason);

/// <summary>An event that passed the parser's checks.</summary>
/// <param name="Index">Its position in the body.</param>
/// <param name="Event">The event.</param>
/// <param name="AnonymousId">
/// For an <c>$identify</c> without a device id: the person's id before it, if that id belongs to one person. That
/// device gets the event, because it has the live session, and hands the session over.
/// </param>
internal readonly record struct CapturedEvent(int Index, SessionEvent Event, string? AnonymousId = null)
{
    /// <summary>
    /// Another id of the same person, as the event says. Null when the event names none, or when one of the two ids is
    /// a generic one.
    /// </summary>
    public string? OtherId { get; init; }

    /// <summary>
    /// Whether the event is cookieless: its ids mean nothing, and the gateway gives it the visitor's id for the day.
    /// </summary>
    public bool IsCookieless { get; init; }

    /// <summary>The user agent as sent. The bot filter reads it.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The host of the page, with its port. The filter for internal hosts reads it.</summary>
    public string? Host { get; init; }
}

/// <summary>The result of parsing a body.</summary>
internal abstract record CaptureVerdict
{
    private CaptureVerdict()
    {
    }

    /// <summary>The body has events to track.</summary>
    /// <param name="Project">The id of the project that the token names.</param>
    /// <param name="Events">The events to track: at least one, in the body's order.</param>
    /// <param name="Dropped">The events that were dropped.</param>
    /// <param name="Warnings">The events that were kept with a change.</param>
    /// <param name="Bytes">The memory that the events' properties take.</param>
    /// <param name="HasCookieless">Whether some of the events are cookieless.</param>
    internal sealed record Taken(
        string Project,
        IReadOnlyList<CapturedEvent> Events,
        IReadOnlyList<EventNote> Dropped,
        IReadOnlyList<EventNote> Warnings,
        long Bytes,
        bool HasCookieless = false) : CaptureVerdict;

    /// <summary>The body has no events to track.</summary>
    internal sealed record Refused(CaptureRefusal Refusal, IReadOnlyList<EventNote> Dropped) : CaptureVerdict;
}

/// <summary>Reasons that only the gateway gives; the others are in <see cref="DropReason"/>.</summary>
internal static class CaptureReason
{
    /// <summary>A replay snapshot was sent to a path for events.</summary>
    public const string SnapshotOnEventPath = "snapshot_on_event_path";

    /// <summary>Another event than a snapshot was sent to the path for replays.</summary>
    public const string EventOnReplayPath = "event_on_replay_path";

    /// <summary>A snapshot names no session.</summary>
    public const string MissingSessionId = "missing_session_id";

    /// <summary>A snapshot holds no rrweb events.</summary>
    public const string MissingSnapshotData = "missing_snapshot_data";

    /// <summary>The project does not record.</summary>
    public const string ReplayDisabled = "replay_disabled";

    /// <summary>Postgres' disk has no room for recordings.</summary>
    public const string DiskLow = "disk_low";

    /// <summary>The user agent is a bot's, and the project drops events of bots.</summary>
    public const string Bot = "bot";

    /// <summary>The page is on one of the project's internal hosts.</summary>
    public const string Internal = "internal";

    /// <summary>A cookieless event that would identify the visitor.</summary>
    public const string CookielessIdentify = "cookieless_identify";

    /// <summary>Warning: the device id is a generic one. The event goes to the device of its distinct id.</summary>
    public const string GenericDeviceId = "generic_device_id";

    /// <summary>
    /// A cookieless event of a day whose salt is deleted, so its visitor's id can't be derived any more.
    /// </summary>
    public const string CookielessTooOld = "cookieless_too_old";

    /// <summary>Warning: a cookieless event named a session; the server assigned one.</summary>
    public const string CookielessSession = "cookieless_session";
}
