namespace Sessions.Domain.Channels;

/// <summary>What a project says about its channels, made ready once and used for every decision.</summary>
public sealed record ChannelSettings
{
    /// <summary>No custom rules, no AI channel, nothing ignored.</summary>
    public static readonly ChannelSettings Default = new();

    /// <summary>The project's own rules, asked before the built-in ones.</summary>
    public ChannelRules Rules { get; init; } = ChannelRules.None;

    /// <summary>Whether visits from AI assistants are a channel of their own. Off by default, as PostHog has none.</summary>
    public bool AiChannel { get; init; }

    /// <summary>Referrers that count as absent.</summary>
    public IgnoredReferrers IgnoredReferrers { get; init; } = IgnoredReferrers.None;
}

/// <summary>What is wrong with a setting, for the caller who sent it.</summary>
/// <param name="Field">Where, such as <c>channel_rules[0].items[2].value</c>.</param>
/// <param name="Message">What, as the rest of a sentence that begins with the field.</param>
public sealed record SettingProblem(string Field, string Message);
