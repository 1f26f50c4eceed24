namespace Sessions;

/// <summary>
/// All settings of a project, with defaults for those that were not set. A member that an older process did not send
/// has its default too.
/// </summary>
[GenerateSerializer, Immutable, Alias("sessions.project-settings")]
public sealed record ProjectSettings
{
    /// <summary>Raised with every change.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>The project's display name. Default: its id.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>The IANA time zone that decides where days begin and end. Default <c>UTC</c>.</summary>
    [Id(2)] public string TimeZone { get; init; } = "UTC";

    /// <summary>The day on which weeks begin. Default Monday.</summary>
    [Id(3)] public DayOfWeek WeekStart { get; init; } = DayOfWeek.Monday;

    /// <summary>
    /// A pause that is longer than this begins a new session. A pause of exactly this length does not.
    /// </summary>
    [Id(4)] public required TimeSpan IdleTimeout { get; init; }

    /// <summary>A session of this length or more is no bounce.</summary>
    [Id(5)] public required TimeSpan BounceDuration { get; init; }

    /// <summary>The project's own channel rules. They are checked in order, before the built-in ones.</summary>
    [Id(6)] public IReadOnlyList<ProjectChannelRule> ChannelRules { get; init; } = [];

    /// <summary>Whether visits from AI assistants are a channel of their own. Default off.</summary>
    [Id(7)] public bool AiChannel { get; init; }

    /// <summary>Hosts that never count as the referrer of a visit, with all of their subdomains.</summary>
    [Id(8)] public IReadOnlyList<string> IgnoredReferrers { get; init; } = [];

    /// <summary>Whether the gateway drops events of bots. Default on.</summary>
    [Id(9)] public bool BotFilter { get; init; } = true;

    /// <summary>Hosts whose events the gateway drops, with all of their subdomains, such as test servers.</summary>
    [Id(10)] public IReadOnlyList<string> InternalHosts { get; init; } = [];

    /// <summary>For how many days sessions and events are kept; 0 is for ever, the default.</summary>
    [Id(11)] public int RetentionDays { get; init; }

    /// <summary>The settings of replays.</summary>
    [Id(12)] public ReplaySettings Replay { get; init; } = new();

    /// <summary>Rules that rewrite paths in web analytics, applied in this order. Default none.</summary>
    [Id(20)] public IReadOnlyList<ProjectPathRule> PathCleaning { get; init; } = [];

    /// <summary>The range that pages open with: <c>24h</c>, <c>7d</c>, <c>30d</c> or <c>90d</c>. Default <c>7d</c>.</summary>
    [Id(21)] public string DefaultRange { get; init; } = "7d";

    /// <summary>The most events that gateways take a day, in UTC; 0 is no limit, the default.</summary>
    [Id(22)] public long MaxEventsPerDay { get; init; }

    /// <summary>
    /// The most mebibytes of events and recordings that gateways take a day, in UTC; 0 is no limit, the default.
    /// </summary>
    [Id(23)] public long MaxMegabytesPerDay { get; init; }
}

/// <summary>The settings of a project's replays.</summary>
[GenerateSerializer, Immutable, Alias("sessions.replay-settings")]
public sealed record ReplaySettings
{
    /// <summary>Whether SDKs record. Default on.</summary>
    [Id(0)] public bool Enabled { get; init; } = true;

    /// <summary>The share of sessions that are recorded, 0 to 1. Default 1.</summary>
    [Id(1)] public double SampleRate { get; init; } = 1;

    /// <summary>SDKs don't send recordings that are shorter than this. Default 0.</summary>
    [Id(2)] public TimeSpan MinimumDuration { get; init; }

    /// <summary>
    /// Whether SDKs record the browser's console too. Default off, because a console may contain private data.
    /// </summary>
    [Id(3)] public bool Console { get; init; }

    /// <summary>The default of <see cref="RetentionDays"/>.</summary>
    public const int DefaultRetentionDays = 30;

    /// <summary>For how many days after their last block recordings are kept; 0 is for ever. Default 30.</summary>
    [Id(4)] public int RetentionDays { get; init; } = DefaultRetentionDays;

    /// <summary>
    /// Whether SDKs record which requests a page makes: address, kind, status, time and size. Default off, because an
    /// address may contain private data.
    /// </summary>
    [Id(5)] public bool Network { get; init; }

    /// <summary>
    /// JavaScript's regular expressions: SDKs record a session from the first address on that one of them matches. Default
    /// none, which records each address.
    /// </summary>
    [Id(6)] public IReadOnlyList<string> TriggerUrls { get; init; } = [];

    /// <summary>
    /// Names of events: SDKs record a session from the first of these events on. Default none, which needs no event.
    /// </summary>
    [Id(7)] public IReadOnlyList<string> TriggerEvents { get; init; } = [];
}

/// <summary>
/// A change of some settings: a member that is null leaves the setting as it is. The members are those of
/// <see cref="ProjectSettings"/>.
/// </summary>
[GenerateSerializer, Immutable, Alias("sessions.project-change")]
public sealed record ProjectChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? TimeZone { get; init; }
    [Id(2)] public DayOfWeek? WeekStart { get; init; }
    [Id(3)] public TimeSpan? IdleTimeout { get; init; }
    [Id(4)] public TimeSpan? BounceDuration { get; init; }
    [Id(5)] public IReadOnlyList<ProjectChannelRule>? ChannelRules { get; init; }
    [Id(6)] public bool? AiChannel { get; init; }
    [Id(7)] public IReadOnlyList<string>? IgnoredReferrers { get; init; }
    [Id(8)] public bool? BotFilter { get; init; }
    [Id(9)] public IReadOnlyList<string>? InternalHosts { get; init; }
    [Id(10)] public int? RetentionDays { get; init; }
    [Id(11)] public ReplayChange? Replay { get; init; }
    [Id(20)] public IReadOnlyList<ProjectPathRule>? PathCleaning { get; init; }
    [Id(21)] public string? DefaultRange { get; init; }
    [Id(22)] public long? MaxEventsPerDay { get; init; }
    [Id(23)] public long? MaxMegabytesPerDay { get; init; }
}

/// <summary>A change of some replay settings: a member that is null leaves the setting as it is.</summary>
[GenerateSerializer, Immutable, Alias("sessions.replay-change")]
public sealed record ReplayChange
{
    [Id(0)] public bool? Enabled { get; init; }
    [Id(1)] public double? SampleRate { get; init; }
    [Id(2)] public TimeSpan? MinimumDuration { get; init; }
    [Id(3)] public bool? Console { get; init; }
    [Id(4)] public int? RetentionDays { get; init; }
    [Id(5)] public bool? Network { get; init; }
    [Id(6)] public IReadOnlyList<string>? TriggerUrls { get; init; }
    [Id(7)] public IReadOnlyList<string>? TriggerEvents { get; init; }
}

/// <summary>
/// A rule that gives different paths of one page the same name: <c>/users/17</c> becomes <c>/users/:id</c>.
/// </summary>
/// <param name="Regex">A Postgres regular expression. All of its matches in the path are replaced.</param>
/// <param name="Replacement">The replacement; <c>\1</c> is the expression's first group.</param>
[GenerateSerializer, Immutable, Alias("sessions.path-rule")]
public sealed record ProjectPathRule([property: Id(0)] string Regex, [property: Id(1)] string Replacement);

/// <summary>A channel rule: if its conditions hold, the visit's channel is <paramref name="ChannelType"/>.</summary>
/// <param name="Id">An id that the caller chooses for the rule.</param>
/// <param name="Combiner"><c>AND</c> or <c>OR</c>.</param>
/// <param name="Items">The conditions; a rule without any always holds.</param>
/// <param name="ChannelType">The channel's name: a built-in channel or any other name.</param>
[GenerateSerializer, Immutable, Alias("sessions.channel-rule")]
public sealed record ProjectChannelRule(
    [property: Id(0)] string Id,
    [property: Id(1)] string Combiner,
    [property: Id(2)] IReadOnlyList<ProjectChannelCondition> Items,
    [property: Id(3)] string ChannelType);

/// <summary>A condition of a channel rule.</summary>
/// <param name="Key">The property to compare, such as <c>utm_source</c>.</param>
/// <param name="Op">The operator, such as <c>icontains</c>.</param>
/// <param name="Values">The values to compare with. The condition holds if it holds for one of them.</param>
[GenerateSerializer, Immutable, Alias("sessions.channel-condition")]
public sealed record ProjectChannelCondition(
    [property: Id(0)] string Key,
    [property: Id(1)] string Op,
    [property: Id(2)] IReadOnlyList<string> Values);
