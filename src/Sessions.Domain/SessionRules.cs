using Sessions.Domain.Channels;

namespace Sessions.Domain;

/// <summary>A project's settings as the rules read them.</summary>
public sealed record SessionRules
{
    /// <summary>PostHog: 30 minutes, 60 seconds to 10 hours.</summary>
    public static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromMinutes(30);

    /// <summary>The shortest idle timeout that may be configured.</summary>
    public static readonly TimeSpan MinIdleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The longest idle timeout that may be configured.</summary>
    public static readonly TimeSpan MaxIdleTimeout = TimeSpan.FromHours(10);

    /// <summary>PostHog: 24 hours, not configurable.</summary>
    public static readonly TimeSpan MaxLength = TimeSpan.FromHours(24);

    /// <summary>A gap strictly over this begins a new session.</summary>
    public TimeSpan IdleTimeout { get; init; } = DefaultIdleTimeout;

    /// <summary>A session of this length or more is no bounce. PostHog: 10 seconds.</summary>
    public TimeSpan BounceDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most events one session takes; what comes after is dropped as <c>session_full</c>.</summary>
    public int MaxEvents { get; init; } = 200_000;

    /// <summary>An event older than this is dropped as <c>too_old</c>; null when all is kept for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>
    /// Whether sessions have a country: only when the operator has a file to look addresses up in, for what clients
    /// claim about themselves is nothing to count by. What events say is folded all the same, so that it is there when
    /// the operator adds a file.
    /// </summary>
    public bool HasCountries { get; init; }

    /// <summary>Whether the operator wants IP addresses kept; else an event's <c>$ip</c> is null before it is taken.</summary>
    public bool KeepsAddresses { get; init; }

    /// <summary>How a session's channel is decided, and which referrers count as absent.</summary>
    public ChannelSettings Channels { get; init; } = ChannelSettings.Default;
}
