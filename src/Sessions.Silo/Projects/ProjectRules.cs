using Sessions.Domain;
using Sessions.Domain.Channels;
using Sessions.Domain.Projects;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Projects;

/// <summary>
/// Converts a project's settings to <see cref="SessionRules"/>. The limits come from the operator's options.
/// </summary>
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
            // The rules were checked when they were set. If a newer version refuses them, the built-in channels are
            // better than a project that can take no events.
            return ChannelRules.None;
        }
    }
}
