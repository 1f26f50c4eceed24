namespace Sessions;

/// <summary>All settings of a project, defaults filled in.</summary>
[GenerateSerializer, Immutable, Alias("sessions.project-settings")]
public sealed record ProjectSettings
{
    /// <summary>Raised with every change.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>What people call the project. Default: its id.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>The IANA time zone in which people read their days. Default <c>UTC</c>.</summary>
    [Id(2)] public required string TimeZone { get; init; }

    /// <summary>The day on which weeks begin. Default Monday.</summary>
    [Id(3)] public required DayOfWeek WeekStart { get; init; }

    /// <summary>A gap strictly over this begins a new session.</summary>
    [Id(4)] public required TimeSpan IdleTimeout { get; init; }

    /// <summary>A session of this length or more is no bounce.</summary>
    [Id(5)] public required TimeSpan BounceDuration { get; init; }

    /// <summary>The project's own channel rules, asked in order before the built-in ones.</summary>
    [Id(6)] public required IReadOnlyList<ProjectChannelRule> ChannelRules { get; init; }

    /// <summary>Whether visits from AI assistants are a channel of their own. Default off.</summary>
    [Id(7)] public required bool AiChannel { get; init; }

    /// <summary>Hosts, with all below them, that are never where a visit came from.</summary>
    [Id(8)] public required IReadOnlyList<string> IgnoredReferrers { get; init; }

    /// <summary>Whether the gateway drops events of programs. Default on.</summary>
    [Id(9)] public required bool BotFilter { get; init; }

    /// <summary>Hosts, with all below them, whose events the gateway drops: the project's own machines.</summary>
    [Id(10)] public required IReadOnlyList<string> InternalHosts { get; init; }

    /// <summary>For how many days sessions and events are kept; 0 is for ever, the default.</summary>
    [Id(11)] public required int RetentionDays { get; init; }

    [Id(12)] public required ReplaySettings Replay { get; init; }

    /// <summary>How paths are rewritten in web analytics, in this order. Default not at all.</summary>
    [Id(20)] public IReadOnlyList<ProjectPathRule> PathCleaning { get; init; } = [];
}

/// <summary>How a project records what people see.</summary>
[GenerateSerializer, Immutable, Alias("sessions.replay-settings")]
public sealed record ReplaySettings
{
    /// <summary>Whether SDKs record. Default on.</summary>
    [Id(0)] public required bool Enabled { get; init; }

    /// <summary>The share of sessions that are recorded, 0 to 1. Default 1.</summary>
    [Id(1)] public required double SampleRate { get; init; }

    /// <summary>Shorter recordings are not sent. Default 0.</summary>
    [Id(2)] public required TimeSpan MinimumDuration { get; init; }

    /// <summary>Whether the browser's console is recorded too. Default off: it may hold anything.</summary>
    [Id(3)] public required bool Console { get; init; }

    /// <summary>For how many days recordings are kept when a project doesn't say.</summary>
    public const int DefaultRetentionDays = 30;

    /// <summary>For how many days after their last block recordings are kept; 0 is for ever. Default 30.</summary>
    [Id(4)] public required int RetentionDays { get; init; }
}

/// <summary>Some settings to change: what is null stays as it is. Otherwise as <see cref="ProjectSettings"/>.</summary>
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
}

/// <summary>Some replay settings to change: what is null stays as it is.</summary>
[GenerateSerializer, Immutable, Alias("sessions.replay-change")]
public sealed record ReplayChange
{
    [Id(0)] public bool? Enabled { get; init; }
    [Id(1)] public double? SampleRate { get; init; }
    [Id(2)] public TimeSpan? MinimumDuration { get; init; }
    [Id(3)] public bool? Console { get; init; }
    [Id(4)] public int? RetentionDays { get; init; }
}

/// <summary>Rewrites paths that name one page in many ways: <c>/users/17</c> becomes <c>/users/:id</c>.</summary>
/// <param name="Regex">What to replace, everywhere in the path: a regular expression of Postgres.</param>
/// <param name="Replacement">With what; <c>\1</c> is the expression's first group.</param>
[GenerateSerializer, Immutable, Alias("sessions.path-rule")]
public sealed record ProjectPathRule([property: Id(0)] string Regex, [property: Id(1)] string Replacement);

/// <summary>A channel rule: when its conditions hold, the visit's channel is <paramref name="ChannelType"/>.</summary>
/// <param name="Id">The caller's name for the rule.</param>
/// <param name="Combiner"><c>AND</c> or <c>OR</c>.</param>
/// <param name="Items">The conditions; a rule without any always holds.</param>
/// <param name="ChannelType">Any name, a built-in channel's too.</param>
[GenerateSerializer, Immutable, Alias("sessions.channel-rule")]
public sealed record ProjectChannelRule(
    [property: Id(0)] string Id,
    [property: Id(1)] string Combiner,
    [property: Id(2)] IReadOnlyList<ProjectChannelCondition> Items,
    [property: Id(3)] string ChannelType);

/// <summary>A condition of a channel rule.</summary>
/// <param name="Key">What is looked at, such as <c>utm_source</c>.</param>
/// <param name="Op">How, such as <c>icontains</c>.</param>
/// <param name="Values">What it is compared with; one of several is enough.</param>
[GenerateSerializer, Immutable, Alias("sessions.channel-condition")]
public sealed record ProjectChannelCondition(
    [property: Id(0)] string Key,
    [property: Id(1)] string Op,
    [property: Id(2)] IReadOnlyList<string> Values);
