using System.ComponentModel.DataAnnotations;
using Sessions.Domain;

namespace Sessions.Silo.Sessions;

/// <summary>
/// The cluster's defaults and limits for sessions. A project's settings override the defaults. Section <c>Sessions</c>
/// of the configuration.
/// </summary>
public sealed class SessionOptions : IValidatableObject
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions";

    /// <summary>A gap strictly over this begins a new session. Default 30 minutes; 60 seconds to 10 hours.</summary>
    public TimeSpan IdleTimeout { get; set; } = SessionRules.DefaultIdleTimeout;

    /// <summary>A session of this length or more is no bounce. Default 10 seconds.</summary>
    [Range(0, 3600)]
    public double BounceSeconds { get; set; } = 10;

    /// <summary>The most events one session takes; later ones are dropped as <c>session_full</c>. Default 200,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxSessionEvents { get; set; } = 200_000;

    /// <summary>The most events one call may bring to a device. Default 50,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxTrackEvents { get; set; } = 50_000;

    /// <summary>Where gateways look up countries. Silos only read whether a file is set.</summary>
    public GeoIpSource GeoIp { get; set; } = new();

    /// <summary>
    /// How gateways capture events. Silos only read whether addresses are kept, for events from backends.
    /// </summary>
    public CaptureSource Capture { get; set; } = new();

    /// <summary>Converts the options to <see cref="SessionRules"/>.</summary>
    public SessionRules ToRules() => new()
    {
        HasCountries = !string.IsNullOrEmpty(GeoIp.File),
        KeepsAddresses = Capture.KeepAddresses,
        IdleTimeout = IdleTimeout,
        BounceDuration = TimeSpan.FromSeconds(BounceSeconds),
        MaxEvents = MaxSessionEvents,
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IdleTimeout < SessionRules.MinIdleTimeout || IdleTimeout > SessionRules.MaxIdleTimeout)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(IdleTimeout)} is {IdleTimeout}; expected {SessionRules.MinIdleTimeout} to {SessionRules.MaxIdleTimeout}.",
                [nameof(IdleTimeout)]);
        }
    }
}

/// <summary>The part of section <c>Sessions:GeoIp</c> that a silo needs.</summary>
public sealed class GeoIpSource
{
    /// <summary>The path of the operator's GeoIP file. Default none: sessions have no country.</summary>
    public string? File { get; set; }
}

/// <summary>The part of section <c>Sessions:Capture</c> that a silo needs.</summary>
public sealed class CaptureSource
{
    /// <summary>Whether an event keeps its <c>$ip</c>. Default no.</summary>
    public bool KeepAddresses { get; set; }
}
