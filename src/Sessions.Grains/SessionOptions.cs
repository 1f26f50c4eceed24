using System.ComponentModel.DataAnnotations;
using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>How sessions behave when a project says nothing else. Section <c>Sessions</c> of the configuration.</summary>
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

    /// <summary>The same, as the rules read it.</summary>
    public SessionRules ToRules() => new()
    {
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
