using Sessions.Domain.Channels;

namespace Sessions.Domain.Projects;

/// <summary>Validates a change of a project's settings. Fields have their JSON names.</summary>
public static class ProjectCheck
{
    /// <summary>The longest name of a project, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>The most path rules.</summary>
    public const int MaxPathRules = 50;

    /// <summary>The longest expression or replacement of a path rule, in characters.</summary>
    public const int MaxPathRuleLength = 500;

    /// <summary>The longest retention in days: a hundred years. To keep data longer, keep it for ever.</summary>
    public const int MaxRetentionDays = 36_500;

    /// <summary>The longest bounce duration.</summary>
    public static readonly TimeSpan MaxBounceDuration = TimeSpan.FromHours(1);

    /// <summary>The longest minimum duration of replays.</summary>
    public static readonly TimeSpan MaxMinimumDuration = TimeSpan.FromHours(1);

    /// <summary>The largest quota. A larger one is the same as none.</summary>
    public const long MaxQuota = 1_000_000_000_000;

    internal static readonly string QuotaExpected = $"must be from 1 to {MaxQuota}, or null for no limit";

    internal static readonly string RetentionExpected = $"must be from 1 to {MaxRetentionDays}, or null for ever";

    /// <summary>
    /// Returns every problem; empty when the change is valid. Accepts whatever a caller sent, also nulls in lists.
    /// </summary>
    public static IReadOnlyList<SettingProblem> Problems(ProjectChange change) =>
        [.. ProjectSettingList.All.SelectMany(setting => setting.Problems(change))];

    /// <summary>Converts channel rules to their form in the domain.</summary>
    public static IReadOnlyList<ChannelRule> ToDomain(IReadOnlyList<ProjectChannelRule> rules) =>
    [
        .. rules.Select(rule => rule is null ? null! : new ChannelRule(
            rule.Id,
            rule.Combiner,
            rule.Items?.Select(item => item is null ? null! : new ChannelCondition(item.Key, item.Op, item.Values)).ToArray()!,
            rule.ChannelType)),
    ];

    internal static bool IsName(string name) =>
        !string.IsNullOrWhiteSpace(name) && name.Length <= MaxNameLength && PlainText.IsPlain(name);

    internal static bool IsRetention(int days) => days is >= 0 and <= MaxRetentionDays;

    internal static bool IsQuota(long most) => most is >= 0 and <= MaxQuota;

    internal static IEnumerable<SettingProblem> PathRuleProblems(string field, IReadOnlyList<ProjectPathRule> rules)
    {
        foreach ((int index, ProjectPathRule? rule) in rules.Index())
        {
            if (index >= MaxPathRules)
            {
                yield return new SettingProblem(field, $"must be at most {MaxPathRules} rules");
            }

            if (!(rule?.Regex is { Length: >= 1 and <= MaxPathRuleLength } regex && PlainText.IsPlain(regex)))
            {
                yield return new SettingProblem($"{field}[{index}].regex", $"must be a text of 1 to {MaxPathRuleLength} characters");
            }

            if (!(rule?.Replacement is { Length: <= MaxPathRuleLength } replacement && PlainText.IsPlain(replacement)))
            {
                yield return new SettingProblem($"{field}[{index}].replacement", $"must be a text of up to {MaxPathRuleLength} characters");
            }
        }
    }
}
