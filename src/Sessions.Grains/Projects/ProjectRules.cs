using Sessions.Domain;
using Sessions.Domain.Channels;
using Sessions.Domain.Projects;

namespace Sessions.Grains;

/// <summary>A project's settings as the rules read them; the limits stay the operator's.</summary>
internal static class ProjectRules
{
    public static SessionRules Of(ProjectSettings settings, SessionOptions limits) => limits.ToRules() with
    {
        IdleTimeout = settings.IdleTimeout,
        BounceDuration = settings.BounceDuration,
        Retention = settings.RetentionDays > 0 ? TimeSpan.FromDays(settings.RetentionDays) : null,
        Channels = new ChannelSettings
        {
            Rules = Compile(settings.ChannelRules),
            AiChannel = settings.AiChannel,
            IgnoredReferrers = new IgnoredReferrers(settings.IgnoredReferrers),
        },
    };

    private static ChannelRules Compile(IReadOnlyList<ProjectChannelRule> rules)
    {
        try
        {
            return new ChannelRules(ProjectCheck.ToDomain(rules));
        }
        catch (ArgumentException)
        {
            // They were checked when they were set. Should a newer version find fault with them, the built-in channels
            // are better than a project that can take no events.
            return ChannelRules.None;
        }
    }
}
