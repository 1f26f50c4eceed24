namespace Sessions.Grains;

/// <summary>What a project has set, as it is stored.</summary>
[GenerateSerializer, Alias("sessions.project-state")]
internal sealed record ProjectState
{
    /// <summary>How often it was changed.</summary>
    [Id(0)] public long Version { get; init; }

    /// <summary>All that was ever set, the last value of each; null is not set.</summary>
    [Id(1)] public ProjectChange Set { get; init; } = new();

    public ProjectState With(ProjectChange change) => new()
    {
        Version = Version + 1,
        Set = new ProjectChange
        {
            Name = change.Name ?? Set.Name,
            TimeZone = change.TimeZone ?? Set.TimeZone,
            WeekStart = change.WeekStart ?? Set.WeekStart,
            IdleTimeout = change.IdleTimeout ?? Set.IdleTimeout,
            BounceDuration = change.BounceDuration ?? Set.BounceDuration,
            ChannelRules = change.ChannelRules ?? Set.ChannelRules,
            AiChannel = change.AiChannel ?? Set.AiChannel,
            IgnoredReferrers = change.IgnoredReferrers ?? Set.IgnoredReferrers,
            BotFilter = change.BotFilter ?? Set.BotFilter,
            InternalHosts = change.InternalHosts ?? Set.InternalHosts,
            RetentionDays = change.RetentionDays ?? Set.RetentionDays,
            PathCleaning = change.PathCleaning ?? Set.PathCleaning,
            Replay = new ReplayChange
            {
                Enabled = change.Replay?.Enabled ?? Set.Replay?.Enabled,
                SampleRate = change.Replay?.SampleRate ?? Set.Replay?.SampleRate,
                MinimumDuration = change.Replay?.MinimumDuration ?? Set.Replay?.MinimumDuration,
                Console = change.Replay?.Console ?? Set.Replay?.Console,
                RetentionDays = change.Replay?.RetentionDays ?? Set.Replay?.RetentionDays,
            },
        },
    };

    public ProjectSettings ToSettings(string project, SessionOptions defaults) => new()
    {
        Version = Version,
        Name = Set.Name ?? project,
        TimeZone = Set.TimeZone ?? "UTC",
        WeekStart = Set.WeekStart ?? DayOfWeek.Monday,
        IdleTimeout = Set.IdleTimeout ?? defaults.IdleTimeout,
        BounceDuration = Set.BounceDuration ?? TimeSpan.FromSeconds(defaults.BounceSeconds),
        ChannelRules = Set.ChannelRules ?? [],
        AiChannel = Set.AiChannel ?? false,
        IgnoredReferrers = Set.IgnoredReferrers ?? [],
        BotFilter = Set.BotFilter ?? true,
        InternalHosts = Set.InternalHosts ?? [],
        RetentionDays = Set.RetentionDays ?? 0,
        PathCleaning = Set.PathCleaning ?? [],
        Replay = new ReplaySettings
        {
            Enabled = Set.Replay?.Enabled ?? true,
            SampleRate = Set.Replay?.SampleRate ?? 1,
            MinimumDuration = Set.Replay?.MinimumDuration ?? TimeSpan.Zero,
            Console = Set.Replay?.Console ?? false,
            RetentionDays = Set.Replay?.RetentionDays ?? ReplaySettings.DefaultRetentionDays,
        },
    };
}
