namespace Sessions;

/// <summary>
/// A session with every property that is known of it. The names are PostHog's without the <c>$</c>; an absent
/// property is null.
/// </summary>
[GenerateSerializer, Immutable, Alias("sessions.session")]
public sealed record Session
{
    [Id(0)] public required Guid SessionId { get; init; }

    /// <summary>The time of the earliest event.</summary>
    [Id(1)] public required DateTimeOffset StartTimestamp { get; init; }

    /// <summary>The time of the latest event.</summary>
    [Id(2)] public required DateTimeOffset EndTimestamp { get; init; }

    /// <summary>From the earliest to the latest event.</summary>
    public TimeSpan Duration => EndTimestamp - StartTimestamp;

    /// <summary>The distinct id of the latest event.</summary>
    [Id(3)] public required string DistinctId { get; init; }

    /// <summary>The device that opened the session, when it has an id of its own.</summary>
    [Id(4)] public string? DeviceId { get; init; }

    [Id(5)] public string? EntryCurrentUrl { get; init; }
    /// <summary>The URL's path. A screen without a URL goes by its name.</summary>
    [Id(6)] public string? EntryPathname { get; init; }
    [Id(7)] public string? EntryHostname { get; init; }
    [Id(8)] public string? ExitCurrentUrl { get; init; }
    /// <summary>The URL's path. A screen without a URL goes by its name.</summary>
    [Id(9)] public string? ExitPathname { get; init; }
    [Id(10)] public string? ExitHostname { get; init; }
    [Id(11)] public string? EntryUtmSource { get; init; }
    [Id(12)] public string? EntryUtmCampaign { get; init; }
    [Id(13)] public string? EntryUtmMedium { get; init; }
    [Id(14)] public string? EntryUtmTerm { get; init; }
    [Id(15)] public string? EntryUtmContent { get; init; }
    [Id(16)] public string? EntryReferringDomain { get; init; }

    /// <summary>The ad ids of the start page by their parameter's name (<c>gclid</c>, <c>msclkid</c> …); see <see cref="AdIds"/>.</summary>
    [Id(17)] public required IReadOnlyDictionary<string, string> EntryAdIds { get; init; }

    [Id(18)] public int PageviewCount { get; init; }
    [Id(19)] public int AutocaptureCount { get; init; }
    [Id(20)] public int ScreenCount { get; init; }

    /// <summary>All events, of any name.</summary>
    [Id(21)] public int EventCount { get; init; }

    /// <summary>Distinct <c>$current_url</c>s of pageviews and screens, and names of screens without one.</summary>
    [Id(22)] public int UniqueUrlCount { get; init; }

    [Id(23)] public string? ChannelType { get; init; }

    /// <summary>Null without any pageview or screen.</summary>
    [Id(24)] public bool? IsBounce { get; init; }

    [Id(25)] public string? LastExternalClickUrl { get; init; }
    [Id(26)] public string? DeviceType { get; init; }
    [Id(27)] public string? Browser { get; init; }
    [Id(28)] public string? Os { get; init; }
    [Id(29)] public string? Country { get; init; }
    [Id(30)] public required SessionStatus Status { get; init; }

    /// <summary>Null while live.</summary>
    [Id(31)] public EndReason? EndReason { get; init; }

    /// <summary>Raised with everything the session takes.</summary>
    [Id(32)] public long Version { get; init; }

    /// <summary>Whether something was recorded of it. Without, the replay's properties are null.</summary>
    [Id(33)] public bool HasReplay { get; init; }

    /// <summary>The time of the earliest recorded event.</summary>
    [Id(34)] public DateTimeOffset? ReplayStart { get; init; }

    /// <summary>From the earliest to the latest recorded event.</summary>
    [Id(35)] public TimeSpan? ReplayDuration { get; init; }

    [Id(36)] public int? ReplayClickCount { get; init; }

    /// <summary>Inputs as rrweb tells them: also of a checkbox or a list.</summary>
    [Id(37)] public int? ReplayKeypressCount { get; init; }

    /// <summary>Moves and interactions of a mouse or finger; clicks too.</summary>
    [Id(38)] public int? ReplayMouseActivityCount { get; init; }

    /// <summary>How long the person did something: no more than five seconds of rest at a time.</summary>
    [Id(39)] public TimeSpan? ReplayActive { get; init; }

    [Id(40)] public int? ReplayConsoleLogCount { get; init; }
    [Id(41)] public int? ReplayConsoleWarnCount { get; init; }
    [Id(42)] public int? ReplayConsoleErrorCount { get; init; }

    /// <summary>The <c>$screen_name</c> of the start page; null when that is a pageview.</summary>
    [Id(43)] public string? EntryScreenName { get; init; }

    /// <summary>The <c>$screen_name</c> of the exit page; null when that is a pageview.</summary>
    [Id(44)] public string? ExitScreenName { get; init; }
}

/// <summary>Whether a session goes on.</summary>
[GenerateSerializer, Alias("sessions.session-status")]
public enum SessionStatus
{
    Live,
    Ended,
}

/// <summary>Why a session ended.</summary>
[GenerateSerializer, Alias("sessions.end-reason")]
public enum EndReason
{
    /// <summary>No activity for the idle timeout. Provisional: a timely event makes the session live again.</summary>
    Idle,

    /// <summary>The session had lasted 24 hours.</summary>
    MaxLength,

    /// <summary>Somebody asked for a new session.</summary>
    Reset,

    /// <summary>Another identified user came to the device.</summary>
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
