namespace Sessions.Gateway.Capture.Parsing;

/// <summary>What is to be told about one event: its place in the body, and a word of <see cref="DropReason"/>.</summary>
internal readonly record struct EventNote(int Index, string Reason);

/// <summary>An event that is fit to be tracked.</summary>
/// <param name="Index">Its place in the body.</param>
/// <param name="Event">The event.</param>
/// <param name="AnonymousId">
/// Of an <c>$identify</c> without a device id: who the person was, when that id names somebody. That device takes the
/// event, since it has the live session, and hands it over.
/// </param>
internal readonly record struct CapturedEvent(int Index, SessionEvent Event, string? AnonymousId = null)
{
    /// <summary>Whom the event says that its person is too; null when it says nothing of the kind, or one of the ids names nobody.</summary>
    public string? OtherId { get; init; }

    /// <summary>Its ids say nothing: the gateway gives it its visitor's id for the day.</summary>
    public bool IsCookieless { get; init; }

    /// <summary>The user agent as sent; filters look at it, as at the host.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The host of the page, with its port.</summary>
    public string? Host { get; init; }
}

/// <summary>What became of a body's JSON.</summary>
internal abstract record CaptureVerdict
{
    private CaptureVerdict()
    {
    }

    /// <summary>There is something to track.</summary>
    /// <param name="Project">The id of the project that the token names.</param>
    /// <param name="Events">The events to track: at least one, in the body's order.</param>
    /// <param name="Dropped">The events that can't be kept.</param>
    /// <param name="Warnings">What was kept, though not as it was sent.</param>
    /// <param name="Bytes">The memory that the events' properties take.</param>
    /// <param name="HasCookieless">Whether some of the events are cookieless.</param>
    internal sealed record Taken(
        string Project,
        IReadOnlyList<CapturedEvent> Events,
        IReadOnlyList<EventNote> Dropped,
        IReadOnlyList<EventNote> Warnings,
        long Bytes,
        bool HasCookieless = false) : CaptureVerdict;

    /// <summary>There is nothing to track.</summary>
    internal sealed record Refused(CaptureRefusal Refusal, IReadOnlyList<EventNote> Dropped) : CaptureVerdict;
}

/// <summary>Reasons that only the gateway has; the others are in <see cref="DropReason"/>.</summary>
internal static class CaptureReason
{
    /// <summary>A replay's snapshot came to a path for events.</summary>
    public const string SnapshotOnEventPath = "snapshot_on_event_path";

    /// <summary>Something that is no snapshot came to the path for replays.</summary>
    public const string EventOnReplayPath = "event_on_replay_path";

    /// <summary>A snapshot names no session.</summary>
    public const string MissingSessionId = "missing_session_id";

    /// <summary>A snapshot holds no rrweb events.</summary>
    public const string MissingSnapshotData = "missing_snapshot_data";

    /// <summary>The project does not record.</summary>
    public const string ReplayDisabled = "replay_disabled";

    /// <summary>The user agent is a program's, and the project wants people's events only.</summary>
    public const string Bot = "bot";

    /// <summary>The page is on one of the project's own hosts, whose events it does not want.</summary>
    public const string Internal = "internal";

    /// <summary>A cookieless event that would tell who the visitor is.</summary>
    public const string CookielessIdentify = "cookieless_identify";

    /// <summary>Warning: the device id names nobody; the event is its distinct id's device's.</summary>
    public const string GenericDeviceId = "generic_device_id";

    /// <summary>A cookieless event of a day whose salt is gone, so that nobody knows any more whose it is.</summary>
    public const string CookielessTooOld = "cookieless_too_old";

    /// <summary>Warning: a cookieless event named a session; the server assigned one.</summary>
    public const string CookielessSession = "cookieless_session";
}
