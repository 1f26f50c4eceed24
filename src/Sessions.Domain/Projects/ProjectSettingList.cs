using Sessions.Domain.Channels;

namespace Sessions.Domain.Projects;

/// <summary>All settings of a project. Add new settings here; CONTRIBUTING.md has the recipe.</summary>
public static class ProjectSettingList
{
    private const string DaysExpected = "must be a whole number from 1 to 36,500 days, or empty";
    private const string QuotaExpected = "must be a whole number from 1 to 1,000,000,000,000, or empty";

    private static readonly TextKind Text = new();
    private static readonly YesNoKind YesNo = new();
    private static readonly TextsKind Texts = new();
    private static readonly NumberKind<double> Percent = new(isWhole: false, number => number, number => number, typedUnit: 0.01m);

    private static readonly NumberKind<TimeSpan> Seconds = new(isWhole: false, ToTime, time => time.TotalSeconds);
    private static readonly NumberKind<TimeSpan> Minutes = new(isWhole: true, ToTime, time => time.TotalSeconds, typedUnit: 60);

    private static readonly NumberKind<TimeSpan> WholeMilliseconds =
        new(isWhole: true, number => ToTime(number / 1000), time => time.TotalMilliseconds, typedUnit: 1000);

    // 0 days mean for ever, which is null in JSON. A 0 in JSON is a mistake: it is converted to a value that the check
    // refuses.
    private static readonly NumberKind<int> Days = new(
        isWhole: true,
        number => (int)Math.Clamp(number == 0 ? -1 : number, int.MinValue, int.MaxValue),
        days => days == 0 ? null : days,
        ofNull: 0);

    // 0 is no limit, which is null in JSON. A 0 in JSON is a mistake, as with days.
    private static readonly NumberKind<long> Most = new(
        isWhole: true,
        number => (long)Math.Clamp(number == 0 ? -1 : number, -1, 2.0 * ProjectCheck.MaxQuota),
        most => most == 0 ? null : most,
        ofNull: 0);

    private static readonly ChoiceKind<DayOfWeek> Weekdays =
        new([.. Enum.GetValues<DayOfWeek>().Select(day => (day.ToString().ToLowerInvariant(), day))]);

    private static readonly ChoiceKind<string> Ranges = new([("24h", "24h"), ("7d", "7d"), ("30d", "30d"), ("90d", "90d")]);

    /// <summary>The settings in their order in JSON. The members of an object are next to each other.</summary>
    public static IReadOnlyList<ProjectSetting> All { get; } =
    [
        new ProjectSetting<string, string>("name", Text, new(SettingSection.General, "Name"))
        {
            Get = settings => settings.Name,
            Set = (settings, value) => settings with { Name = value },
            GetChange = change => change.Name,
            SetChange = (change, value) => change with { Name = value },
            Check = Must<string>(ProjectCheck.IsName, $"must be a text of 1 to {ProjectCheck.MaxNameLength} characters"),
        },
        new ProjectSetting<string, string>(
            "timezone",
            Text,
            new(SettingSection.General, "Time zone")
            {
                Hint = "In it people read their days.",
                Suggestions =
                [
                    "UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Warsaw", "Europe/Kyiv",
                    "Europe/Istanbul", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
                    "America/Sao_Paulo", "Africa/Lagos", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore",
                    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney",
                ],
            })
        {
            Get = settings => settings.TimeZone,
            Set = (settings, value) => settings with { TimeZone = value },
            GetChange = change => change.TimeZone,
            SetChange = (change, value) => change with { TimeZone = value },
            Check = Must<string>(
                TimeZoneName.IsKnown, "must be a time zone of the IANA database, such as \"Europe/Berlin\" or \"UTC\""),
        },
        new ProjectSetting<DayOfWeek, DayOfWeek?>(
            "week_start",
            Weekdays,
            new(SettingSection.General, "Weeks begin on")
            {
                Choices = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
            })
        {
            Get = settings => settings.WeekStart,
            Set = (settings, value) => settings with { WeekStart = value },
            GetChange = change => change.WeekStart,
            SetChange = (change, value) => change with { WeekStart = value },
            Check = Must<DayOfWeek>(Weekdays.Has, "must be a day of the week"),
        },
        new ProjectSetting<TimeSpan, TimeSpan?>(
            "idle_timeout_seconds",
            Minutes,
            new(SettingSection.Sessions, "Idle timeout")
            {
                IsNumber = true,
                Unit = "minutes",
                Field = "idle_timeout_minutes",
                Expected = "must be from 1 to 600 minutes",
                Hint = "A longer gap begins a new session. A timeout that the SDK sends ($configured_session_timeout_ms) wins: posthog-js sends 30 minutes unless session_idle_timeout_seconds says otherwise.",
            })
        {
            Get = settings => settings.IdleTimeout,
            Set = (settings, value) => settings with { IdleTimeout = value },
            GetChange = change => change.IdleTimeout,
            SetChange = (change, value) => change with { IdleTimeout = value },
            Check = Must<TimeSpan>(
                time => time >= SessionRules.MinIdleTimeout && time <= SessionRules.MaxIdleTimeout,
                $"must be from {SessionRules.MinIdleTimeout.TotalSeconds:0} to {SessionRules.MaxIdleTimeout.TotalSeconds:0}"),
        },
        new ProjectSetting<TimeSpan, TimeSpan?>(
            "bounce_seconds",
            Seconds,
            new(SettingSection.Sessions, "Bounce limit")
            {
                IsNumber = true,
                Unit = "seconds",
                Expected = "must be from 0 to 3,600 seconds",
                Hint = "A session this long is no bounce.",
            })
        {
            Get = settings => settings.BounceDuration,
            Set = (settings, value) => settings with { BounceDuration = value },
            GetChange = change => change.BounceDuration,
            SetChange = (change, value) => change with { BounceDuration = value },
            Check = Must<TimeSpan>(
                time => time >= TimeSpan.Zero && time <= ProjectCheck.MaxBounceDuration,
                $"must be from 0 to {ProjectCheck.MaxBounceDuration.TotalSeconds:0}"),
        },
        new ProjectSetting<IReadOnlyList<ProjectChannelRule>, IReadOnlyList<ProjectChannelRule>>(
            "channel_rules",
            RuleJson.Channels,
            new(SettingSection.Channels, "Channel rules")
            {
                Rows = SettingRows.ChannelRules,
                Row = "Channel rule",
                Hint = "Your own channels. The first rule that holds decides, before the built-in ones.",
            })
        {
            Get = settings => settings.ChannelRules,
            Set = (settings, value) => settings with { ChannelRules = value },
            GetChange = change => change.ChannelRules,
            SetChange = (change, value) => change with { ChannelRules = value },
            Check = (_, rules) => ChannelRuleCheck.Problems(ProjectCheck.ToDomain(rules)),
        },
        new ProjectSetting<bool, bool?>(
            "ai_channel", YesNo, new(SettingSection.Channels, "Visits from AI assistants are a channel of their own") { IsBox = true })
        {
            Get = settings => settings.AiChannel,
            Set = (settings, value) => settings with { AiChannel = value },
            GetChange = change => change.AiChannel,
            SetChange = (change, value) => change with { AiChannel = value },
        },
        new ProjectSetting<IReadOnlyList<string>, IReadOnlyList<string>>(
            "ignored_referrers",
            Texts,
            new(SettingSection.Channels, "Ignored referrers")
            {
                Rows = SettingRows.Texts,
                Row = "Ignored referrer",
                Hint = "Hosts, such as a payment provider, that never are where a visit came from.",
            })
        {
            Get = settings => settings.IgnoredReferrers,
            Set = (settings, value) => settings with { IgnoredReferrers = value },
            GetChange = change => change.IgnoredReferrers,
            SetChange = (change, value) => change with { IgnoredReferrers = value },
            Check = HostList.Problems,
        },
        new ProjectSetting<bool, bool?>("bot_filter", YesNo, new(SettingSection.Filters, "Drop what bots send") { IsBox = true })
        {
            Get = settings => settings.BotFilter,
            Set = (settings, value) => settings with { BotFilter = value },
            GetChange = change => change.BotFilter,
            SetChange = (change, value) => change with { BotFilter = value },
        },
        new ProjectSetting<IReadOnlyList<string>, IReadOnlyList<string>>(
            "internal_hosts",
            Texts,
            new(SettingSection.Filters, "Internal hosts")
            {
                Rows = SettingRows.Texts,
                Row = "Internal host",
                Hint = "Events of your own machines are dropped.",
            })
        {
            Get = settings => settings.InternalHosts,
            Set = (settings, value) => settings with { InternalHosts = value },
            GetChange = change => change.InternalHosts,
            SetChange = (change, value) => change with { InternalHosts = value },
            Check = HostList.Problems,
        },
        new ProjectSetting<int, int?>(
            "retention_days",
            Days,
            new(SettingSection.Sessions, "Keep sessions for") { IsNumber = true, Unit = "days", Expected = DaysExpected, Hint = "Empty: for ever." })
        {
            Get = settings => settings.RetentionDays,
            Set = (settings, value) => settings with { RetentionDays = value },
            GetChange = change => change.RetentionDays,
            SetChange = (change, value) => change with { RetentionDays = value },
            Check = Must<int>(ProjectCheck.IsRetention, ProjectCheck.RetentionExpected),
        },
        new ProjectSetting<bool, bool?>("replay.enabled", YesNo, new(SettingSection.Replay, "Record what visitors see") { IsBox = true })
        {
            Get = settings => settings.Replay.Enabled,
            Set = (settings, value) => settings with { Replay = settings.Replay with { Enabled = value } },
            GetChange = change => change.Replay?.Enabled,
            SetChange = (change, value) => change with { Replay = ReplayOf(change) with { Enabled = value } },
        },
        new ProjectSetting<double, double?>(
            "replay.sample_rate",
            Percent,
            new(SettingSection.Replay, "Sessions recorded")
            {
                IsNumber = true,
                Unit = "percent",
                Field = "replay.sample_percent",
                Expected = "must be from 0 to 100 percent",
            })
        {
            Get = settings => settings.Replay.SampleRate,
            Set = (settings, value) => settings with { Replay = settings.Replay with { SampleRate = value } },
            GetChange = change => change.Replay?.SampleRate,
            SetChange = (change, value) => change with { Replay = ReplayOf(change) with { SampleRate = value } },
            Check = Must<double>(rate => rate is >= 0 and <= 1, "must be from 0 to 1"),
        },
        new ProjectSetting<TimeSpan, TimeSpan?>(
            "replay.minimum_duration_ms",
            WholeMilliseconds,
            new(SettingSection.Replay, "Shortest recording")
            {
                IsNumber = true,
                Unit = "seconds",
                Field = "replay.minimum_seconds",
                Expected = "must be from 0 to 3,600 seconds",
            })
        {
            Get = settings => settings.Replay.MinimumDuration,
            Set = (settings, value) => settings with { Replay = settings.Replay with { MinimumDuration = value } },
            GetChange = change => change.Replay?.MinimumDuration,
            SetChange = (change, value) => change with { Replay = ReplayOf(change) with { MinimumDuration = value } },
            Check = Must<TimeSpan>(
                time => time >= TimeSpan.Zero && time <= ProjectCheck.MaxMinimumDuration,
                $"must be from 0 to {ProjectCheck.MaxMinimumDuration.TotalMilliseconds:0}"),
        },
        new ProjectSetting<bool, bool?>(
            "replay.console", YesNo, new(SettingSection.Replay, "Record the browser's console too") { IsBox = true })
        {
            Get = settings => settings.Replay.Console,
            Set = (settings, value) => settings with { Replay = settings.Replay with { Console = value } },
            GetChange = change => change.Replay?.Console,
            SetChange = (change, value) => change with { Replay = ReplayOf(change) with { Console = value } },
        },
        new ProjectSetting<bool, bool?>(
            "replay.network", YesNo, new(SettingSection.Replay, "Record which requests a page makes (addresses, no headers and no bodies)") { IsBox = true })
        {
            Get = settings => settings.Replay.Network,
            Set = (settings, value) => settings with { Replay = settings.Replay with { Network = value } },
            GetChange = change => change.Replay?.Network,
            SetChange = (change, value) => change with { Replay = ReplayOf(change) with { Network = value } },
        },
        new ProjectSetting<IReadOnlyList<string>, IReadOnlyList<string>>(
            "replay.triggers.urls",
            Texts,
            new(SettingSection.Replay, "Record from these addresses on")
            {
                Rows = SettingRows.Texts,
                Row = "Pattern of an address",
                Example = """^https://shop\.example/checkout""",
                Hint = "Regular expressions of JavaScript. Without any, recordings begin with the first page.",
            })
        {
            Get = settings => settings.Replay.TriggerUrls,
            Set = (settings, value) => settings with { Replay = settings.Replay with { TriggerUrls = value } },
            GetChange = change => change.Replay?.TriggerUrls,
            SetChange = (change, value) => change with { Replay = ReplayOf(change) with { TriggerUrls = value } },
            Check = TriggerCheck.UrlProblems,
        },
        new ProjectSetting<IReadOnlyList<string>, IReadOnlyList<string>>(
            "replay.triggers.events",
            Texts,
            new(SettingSection.Replay, "Record from these events on")
            {
                Rows = SettingRows.Texts,
                Row = "Name of an event",
                Example = "checkout started",
                Hint = "With addresses too, a session needs one of each.",
            })
        {
            Get = settings => settings.Replay.TriggerEvents,
            Set = (settings, value) => settings with { Replay = settings.Replay with { TriggerEvents = value } },
            GetChange = change => change.Replay?.TriggerEvents,
            SetChange = (change, value) => change with { Replay = ReplayOf(change) with { TriggerEvents = value } },
            Check = TriggerCheck.EventProblems,
        },
        new ProjectSetting<int, int?>(
            "replay.retention_days",
            Days,
            new(SettingSection.Replay, "Keep recordings for")
            {
                IsNumber = true,
                Unit = "days",
                Expected = DaysExpected,
                Hint = "Empty: as long as their sessions.",
            })
        {
            Get = settings => settings.Replay.RetentionDays,
            Set = (settings, value) => settings with { Replay = settings.Replay with { RetentionDays = value } },
            GetChange = change => change.Replay?.RetentionDays,
            SetChange = (change, value) => change with { Replay = ReplayOf(change) with { RetentionDays = value } },
            Check = Must<int>(ProjectCheck.IsRetention, ProjectCheck.RetentionExpected),
        },
        new ProjectSetting<IReadOnlyList<ProjectPathRule>, IReadOnlyList<ProjectPathRule>>(
            "path_cleaning",
            RuleJson.Paths,
            new(SettingSection.Paths, "Path rules")
            {
                Rows = SettingRows.PathRules,
                Row = "Path rule",
                Hint = "Web analytics counts /users/17 and /users/18 as one page when ^/users/[0-9]+ becomes /users/:id.",
            })
        {
            Get = settings => settings.PathCleaning,
            Set = (settings, value) => settings with { PathCleaning = value },
            GetChange = change => change.PathCleaning,
            SetChange = (change, value) => change with { PathCleaning = value },
            Check = ProjectCheck.PathRuleProblems,
        },
        new ProjectSetting<string, string>(
            "default_range",
            Ranges,
            new(SettingSection.General, "Pages open with the last")
            {
                Choices = ["24h", "7d", "30d", "90d"],
                Hint = "Until somebody chooses another range.",
            })
        {
            Get = settings => settings.DefaultRange,
            Set = (settings, value) => settings with { DefaultRange = value },
            GetChange = change => change.DefaultRange,
            SetChange = (change, value) => change with { DefaultRange = value },
            Check = Must<string>(Ranges.Has, Ranges.Expected),
        },
        new ProjectSetting<long, long?>(
            "max_events_per_day",
            Most,
            new(SettingSection.Quotas, "Events a day, at most")
            {
                IsNumber = true,
                Expected = QuotaExpected,
                Hint = "Empty: no limit but the server's. Beyond it events get 429, and browsers lose them. A day is one of UTC.",
            })
        {
            Get = settings => settings.MaxEventsPerDay,
            Set = (settings, value) => settings with { MaxEventsPerDay = value },
            GetChange = change => change.MaxEventsPerDay,
            SetChange = (change, value) => change with { MaxEventsPerDay = value },
            Check = Must<long>(ProjectCheck.IsQuota, ProjectCheck.QuotaExpected),
        },
        new ProjectSetting<long, long?>(
            "max_megabytes_per_day",
            Most,
            new(SettingSection.Quotas, "Megabytes a day, at most")
            {
                IsNumber = true,
                Expected = QuotaExpected,
                Hint = "Empty: no limit but the server's. Counts events and recordings.",
            })
        {
            Get = settings => settings.MaxMegabytesPerDay,
            Set = (settings, value) => settings with { MaxMegabytesPerDay = value },
            GetChange = change => change.MaxMegabytesPerDay,
            SetChange = (change, value) => change with { MaxMegabytesPerDay = value },
            Check = Must<long>(ProjectCheck.IsQuota, ProjectCheck.QuotaExpected),
        },
    ];

    /// <summary>Combines two changes; the second one has priority.</summary>
    public static ProjectChange Merge(ProjectChange change, ProjectChange later) =>
        All.Aggregate(change, (merged, setting) => setting.Merge(merged, later));

    /// <summary>Applies a change to settings.</summary>
    public static ProjectSettings Apply(ProjectSettings settings, ProjectChange change) =>
        All.Aggregate(settings, (applied, setting) => setting.Apply(applied, change));

    private static Func<string, T, IEnumerable<SettingProblem>> Must<T>(Func<T, bool> isRight, string message) =>
        (field, value) => isRight(value) ? [] : [new SettingProblem(field, message)];

    private static ReplayChange ReplayOf(ProjectChange change) => change.Replay ?? new ReplayChange();

    // Clamped to a range that is wider than any setting allows and fits into a TimeSpan.
    private static TimeSpan ToTime(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, -1e9, 1e9));
}
