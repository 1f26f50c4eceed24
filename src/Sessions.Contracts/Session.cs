namespace Sessions;

/// <summary>
/// A session with all of its properties. The names are PostHog's without the <c>$</c>. A property without a value is
/// null.
/// </summary>
[GenerateSerializer, Immutable, Alias("sessions.session")]
public sealed record Session
{
    /// <summary>The session's id: a UUID of any version.</summary>
    [Id(0)] public required Guid SessionId { get; init; }

    /// <summary>The time of the earliest event.</summary>
    [Id(1)] public required DateTimeOffset StartTimestamp { get; init; }

    /// <summary>The time of the latest event.</summary>
    [Id(2)] public required DateTimeOffset EndTimestamp { get; init; }

    /// <summary>The time from the earliest to the latest event.</summary>
    public TimeSpan Duration => EndTimestamp - StartTimestamp;

    /// <summary>The distinct id of the latest event.</summary>
    [Id(3)] public required string DistinctId { get; init; }

    /// <summary>The device that began the session; null when it has no id of its own.</summary>
    [Id(4)] public string? DeviceId { get; init; }

    /// <summary>The URL of the start page.</summary>
    [Id(5)] public string? EntryCurrentUrl { get; init; }
    /// <summary>The path of the start page's URL; for a screen without a URL, the screen's name.</summary>
    [Id(6)] public string? EntryPathname { get; init; }

    /// <summary>The host of the start page's URL.</summary>
    [Id(7)] public string? EntryHostname { get; init; }

    /// <summary>The URL of the exit page.</summary>
    [Id(8)] public string? ExitCurrentUrl { get; init; }
    /// <summary>The path of the exit page's URL; for a screen without a URL, the screen's name.</summary>
    [Id(9)] public string? ExitPathname { get; init; }

    /// <summary>The host of the exit page's URL.</summary>
    [Id(10)] public string? ExitHostname { get; init; }

    /// <summary>The <c>utm_source</c> of the start page.</summary>
    [Id(11)] public string? EntryUtmSource { get; init; }

    /// <summary>The <c>utm_campaign</c> of the start page.</summary>
    [Id(12)] public string? EntryUtmCampaign { get; init; }

    /// <summary>The <c>utm_medium</c> of the start page.</summary>
    [Id(13)] public string? EntryUtmMedium { get; init; }

    /// <summary>The <c>utm_term</c> of the start page.</summary>
    [Id(14)] public string? EntryUtmTerm { get; init; }

    /// <summary>The <c>utm_content</c> of the start page.</summary>
    [Id(15)] public string? EntryUtmContent { get; init; }

    /// <summary>The domain that linked to the start page; <c>$direct</c> when there was no referrer.</summary>
    [Id(16)] public string? EntryReferringDomain { get; init; }

    /// <summary>The ad ids of the start page by their parameter's name (<c>gclid</c>, <c>msclkid</c> …); see <see cref="AdIds"/>.</summary>
    [Id(17)] public required IReadOnlyDictionary<string, string> EntryAdIds { get; init; }

    /// <summary>The number of pageviews.</summary>
    [Id(18)] public int PageviewCount { get; init; }

    /// <summary>The number of autocapture events.</summary>
    [Id(19)] public int AutocaptureCount { get; init; }

    /// <summary>The number of screens.</summary>
    [Id(20)] public int ScreenCount { get; init; }

    /// <summary>The number of events of any name.</summary>
    [Id(21)] public int EventCount { get; init; }

    /// <summary>The number of distinct <c>$current_url</c>s of pageviews and screens, and of names of screens without a URL.</summary>
    [Id(22)] public int UniqueUrlCount { get; init; }

    /// <summary>The session's channel, such as <c>Organic Search</c>.</summary>
    [Id(23)] public string? ChannelType { get; init; }

    /// <summary>Whether the session is a bounce; null without any pageview or screen.</summary>
    [Id(24)] public bool? IsBounce { get; init; }

    /// <summary>The URL of the last click that left the site.</summary>
    [Id(25)] public string? LastExternalClickUrl { get; init; }

    /// <summary>The type of the device, such as <c>Mobile</c>.</summary>
    [Id(26)] public string? DeviceType { get; init; }

    /// <summary>The browser's name.</summary>
    [Id(27)] public string? Browser { get; init; }

    /// <summary>The operating system's name.</summary>
    [Id(28)] public string? Os { get; init; }

    /// <summary>The country code of the client's address; null when the operator has no GeoIP file.</summary>
    [Id(29)] public string? Country { get; init; }

    /// <summary>Whether the session is live or ended.</summary>
    [Id(30)] public required SessionStatus Status { get; init; }

    /// <summary>Why the session ended; null while it is live.</summary>
    [Id(31)] public EndReason? EndReason { get; init; }

    /// <summary>A number that rises with each change of the session.</summary>
    [Id(32)] public long Version { get; init; }

    /// <summary>Whether the session has a replay. If not, the replay's properties are null.</summary>
    [Id(33)] public bool HasReplay { get; init; }

    /// <summary>The time of the earliest recorded event.</summary>
    [Id(34)] public DateTimeOffset? ReplayStart { get; init; }

    /// <summary>The time from the earliest to the latest recorded event.</summary>
    [Id(35)] public TimeSpan? ReplayDuration { get; init; }

    /// <summary>The number of clicks in the replay.</summary>
    [Id(36)] public int? ReplayClickCount { get; init; }

    /// <summary>The number of rrweb input events, which include checkboxes and lists.</summary>
    [Id(37)] public int? ReplayKeypressCount { get; init; }

    /// <summary>The number of moves and interactions of a mouse or finger, clicks included.</summary>
    [Id(38)] public int? ReplayMouseActivityCount { get; init; }

    /// <summary>
    /// For how long the person was active. Pauses of up to five seconds between two activities count as active.
    /// </summary>
    [Id(39)] public TimeSpan? ReplayActive { get; init; }

    /// <summary>The number of console messages below warning in the replay.</summary>
    [Id(40)] public int? ReplayConsoleLogCount { get; init; }

    /// <summary>The number of console warnings in the replay.</summary>
    [Id(41)] public int? ReplayConsoleWarnCount { get; init; }

    /// <summary>The number of console errors in the replay.</summary>
    [Id(42)] public int? ReplayConsoleErrorCount { get; init; }

    /// <summary>The <c>$screen_name</c> of the start page; null when the start page is a pageview.</summary>
    [Id(43)] public string? EntryScreenName { get; init; }

    /// <summary>The <c>$screen_name</c> of the exit page; null when the exit page is a pageview.</summary>
    [Id(44)] public string? ExitScreenName { get; init; }

    /// <summary>Texts of the start page by their name in <see cref="Sessions.StartPageTexts"/>; null when it has none of them.</summary>
    [Id(45)] public IReadOnlyDictionary<string, string>? StartPageTexts { get; init; }

    /// <summary>
    /// The different names of the session's events, in the order of each name's earliest event, and the first 200 of them;
    /// null when the session has no event.
    /// </summary>
    [Id(46)] public IReadOnlyList<string>? EventNames { get; init; }

    /// <summary>
    /// The number of <c>$rageclick</c> events, several clicks at one place in a short time. A recorded session without one has
    /// the number of those that were found in its recording.
    /// </summary>
    [Id(47)] public int RageClickCount { get; init; }

    /// <summary>
    /// The number of <c>$dead_click</c> events, clicks after which nothing changed. A recorded session without one has the
    /// number of those that were found in its recording.
    /// </summary>
    [Id(48)] public int DeadClickCount { get; init; }

    /// <summary>
    /// What the windows of the recording have of full snapshots, without which they can't be played; null without a recording,
    /// and when the session does not know it.
    /// </summary>
    [Id(49)] public ReplayWindows? ReplayWindows { get; init; }
}

/// <summary>What the windows of a recording have of full snapshots.</summary>
/// <param name="Count">The number of windows.</param>
/// <param name="Playable">The number of those that have a full snapshot in a known format.</param>
/// <param name="HasUnknownFormat">Whether a window has something in a format that players don't know.</param>
[GenerateSerializer, Immutable, Alias("sessions.replay-windows")]
public sealed record ReplayWindows([property: Id(0)] int Count, [property: Id(1)] int Playable, [property: Id(2)] bool HasUnknownFormat);

/// <summary>
/// The properties that a session takes from its start page unchanged. To add one, add its name here and write a
/// migration for its column: then the name is read from events, stored with sessions, and available in the API,
/// filters, breakdowns and pages.
/// </summary>
public static class StartPageTexts
{
    /// <summary>The properties' names without the <c>$</c>, in the order of their columns. New ones go to the end.</summary>
    public static IReadOnlyList<string> Names { get; } = ["browser_version", "browser_language", "timezone"];
}

/// <summary>Whether a session goes on.</summary>
[GenerateSerializer, Alias("sessions.session-status")]
public enum SessionStatus
{
    /// <summary>The session may still get activity.</summary>
    Live,

    /// <summary>The session has ended; a session that ended as idle may become live again.</summary>
    Ended,
}

/// <summary>Why a session ended. The words in SQL and JSON are in <see cref="Words"/>.</summary>
[GenerateSerializer, Alias("sessions.end-reason")]
public enum EndReason
{
    /// <summary>
    /// The session had no activity for the idle timeout. Provisional: a timely event makes the session live again.
    /// </summary>
    Idle,

    /// <summary>The session had lasted 24 hours.</summary>
    MaxLength,

    /// <summary>A backend or an SDK asked for a new session.</summary>
    Reset,

    /// <summary>Another identified person used the device.</summary>
    UserChanged,

    /// <summary>The client began another session.</summary>
    NewClientSession,
}

/// <summary>The ad click ids a session's start page may carry (PostHog: the 18 click ids of its sessions table).</summary>
public static class AdIds
{
    /// <summary>The parameters' names, in the order of the columns.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "gclid", "gad_source", "fbclid", "msclkid", "gclsrc", "dclid", "gbraid", "wbraid", "twclid", "li_fat_id",
        "mc_cid", "igshid", "ttclid", "epik", "qclid", "sccid", "_kx", "irclid",
    ];
}
