namespace Sessions.Domain.Channels;

/// <summary>A project's compiled channel settings.</summary>
public sealed record ChannelSettings
{
    /// <summary>No custom rules, no AI channel, no ignored referrers.</summary>
    public static readonly ChannelSettings Default = new();

    /// <summary>The project's own rules, which are checked before the built-in ones.</summary>
    public ChannelRules Rules { get; init; } = ChannelRules.None;

    /// <summary>Whether visits from AI assistants are a channel of their own. Off by default, as PostHog has none.</summary>
    public bool AiChannel { get; init; }

    /// <summary>Referrers that count as missing.</summary>
    public IgnoredReferrers IgnoredReferrers { get; init; } = IgnoredReferrers.None;
}

/// <summary>A problem with a setting, for the caller who sent it.</summary>
/// <param name="Field">The field, such as <c>channel_rules[0].items[2].value</c>.</param>
/// <param name="Message">The problem, as the rest of a sentence that begins with the field.</param>
public sealed record SettingProblem(string Field, string Message);
