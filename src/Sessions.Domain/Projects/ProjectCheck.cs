using Sessions.Domain.Channels;

namespace Sessions.Domain.Projects;

/// <summary>Says what is wrong with a change of a project's settings. Fields have the names that they have in JSON.</summary>
public static class ProjectCheck
{
    public const int MaxNameLength = 100;

    public const int MaxPathRules = 50;

    public const int MaxPathRuleLength = 500;

    /// <summary>A hundred years: what is to be kept longer is to be kept for ever.</summary>
    public const int MaxRetentionDays = 36_500;

    public static readonly TimeSpan MaxBounceDuration = TimeSpan.FromHours(1);

    public static readonly TimeSpan MaxMinimumDuration = TimeSpan.FromHours(1);

    /// <summary>Every problem; empty when the change can be made. Takes whatever a caller sent, nulls in lists included.</summary>
    public static IReadOnlyList<SettingProblem> Problems(ProjectChange change)
    {
        var problems = new List<SettingProblem>();
        Check(change.Name is null || IsName(change.Name), "name", $"must be a text of 1 to {MaxNameLength} characters");
        Check(
            change.TimeZone is null || TimeZoneName.IsKnown(change.TimeZone),
            "timezone", "must be a time zone of the IANA database, such as \"Europe/Berlin\" or \"UTC\"");
        Check(change.WeekStart is null || Enum.IsDefined(change.WeekStart.Value), "week_start", "must be a day of the week");
        Check(
            change.IdleTimeout is null
                || (change.IdleTimeout >= SessionRules.MinIdleTimeout && change.IdleTimeout <= SessionRules.MaxIdleTimeout),
            "idle_timeout_seconds",
            $"must be from {SessionRules.MinIdleTimeout.TotalSeconds:0} to {SessionRules.MaxIdleTimeout.TotalSeconds:0}");
        Check(
            IsWithin(change.BounceDuration, MaxBounceDuration),
            "bounce_seconds", $"must be from 0 to {MaxBounceDuration.TotalSeconds:0}");
        Check(IsRetention(change.RetentionDays), "retention_days", Retention);
        if (change.ChannelRules is { } rules)
        {
            problems.AddRange(ChannelRuleCheck.Problems(ToDomain(rules)));
        }

        problems.AddRange(HostList.Problems("ignored_referrers", change.IgnoredReferrers ?? []));
        problems.AddRange(HostList.Problems("internal_hosts", change.InternalHosts ?? []));
        foreach ((int index, ProjectPathRule? rule) in (change.PathCleaning ?? []).Index())
        {
            Check(index < MaxPathRules, "path_cleaning", $"must be at most {MaxPathRules} rules");
            Check(
                rule?.Regex is { Length: >= 1 and <= MaxPathRuleLength } regex && PlainText.IsPlain(regex),
                $"path_cleaning[{index}].regex", $"must be a text of 1 to {MaxPathRuleLength} characters");
            Check(
                rule?.Replacement is { Length: <= MaxPathRuleLength } replacement && PlainText.IsPlain(replacement),
                $"path_cleaning[{index}].replacement", $"must be a text of up to {MaxPathRuleLength} characters");
        }

        if (change.Replay is { } replay)
        {
            Check(replay.SampleRate is null or (>= 0 and <= 1), "replay.sample_rate", "must be from 0 to 1");
            Check(
                IsWithin(replay.MinimumDuration, MaxMinimumDuration),
                "replay.minimum_duration_ms", $"must be from 0 to {MaxMinimumDuration.TotalMilliseconds:0}");
            Check(IsRetention(replay.RetentionDays), "replay.retention_days", Retention);
        }

        return problems;

        void Check(bool isRight, string field, string message)
        {
            if (!isRight)
            {
                problems.Add(new SettingProblem(field, message));
            }
        }
    }

    /// <summary>Channel rules as the rules read them.</summary>
    public static IReadOnlyList<ChannelRule> ToDomain(IReadOnlyList<ProjectChannelRule> rules) =>
    [
        .. rules.Select(rule => rule is null ? null! : new ChannelRule(
            rule.Id,
            rule.Combiner,
            rule.Items?.Select(item => item is null ? null! : new ChannelCondition(item.Key, item.Op, item.Values)).ToArray()!,
            rule.ChannelType)),
    ];

    private static readonly string Retention = $"must be from 1 to {MaxRetentionDays}, or null for ever";

    private static bool IsRetention(int? days) => days is null or (>= 0 and <= MaxRetentionDays);

    private static bool IsWithin(TimeSpan? time, TimeSpan longest) =>
        time is null || (time >= TimeSpan.Zero && time <= longest);

    private static bool IsName(string name) =>
        !string.IsNullOrWhiteSpace(name) && name.Length <= MaxNameLength && PlainText.IsPlain(name);
}
