using Sessions.Domain.Channels;

namespace Sessions.Domain;

/// <summary>A project's settings in the form that the rules use.</summary>
public sealed record SessionRules
{
    /// <summary>
    /// The default idle timeout. PostHog's is 30 minutes too, and may be set from 60 seconds to 10 hours.
    /// </summary>
    public static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromMinutes(30);

    /// <summary>The shortest idle timeout that may be configured.</summary>
    public static readonly TimeSpan MinIdleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The longest idle timeout that may be configured.</summary>
    public static readonly TimeSpan MaxIdleTimeout = TimeSpan.FromHours(10);

    /// <summary>The longest session. PostHog's is 24 hours too, and not configurable.</summary>
    public static readonly TimeSpan MaxLength = TimeSpan.FromHours(24);

    /// <summary>
    /// A pause that is longer than this begins a new session. A pause of exactly this length does not.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = DefaultIdleTimeout;

    /// <summary>A session of this length or more is no bounce. PostHog: 10 seconds.</summary>
    public TimeSpan BounceDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most events of one session; later events are dropped as <c>session_full</c>.</summary>
    public int MaxEvents { get; init; } = 200_000;

    /// <summary>An event older than this is dropped as <c>too_old</c>. Null means that data is kept for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>
    /// Whether sessions have a country. Only when the operator has a GeoIP file, because the country that a client
    /// claims is not reliable. The fold stores the country of events in any case, so that it is available when the
    /// operator adds a file.
    /// </summary>
    public bool HasCountries { get; init; }

    /// <summary>
    /// Whether IP addresses are stored. If not, an event's <c>$ip</c> is set to null before the event is stored.
    /// </summary>
    public bool KeepsAddresses { get; init; }

    /// <summary>How a session's channel is decided, and which referrers are ignored.</summary>
    public ChannelSettings Channels { get; init; } = ChannelSettings.Default;
}
